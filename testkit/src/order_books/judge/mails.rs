//! Which mails the steps of an order ask for, which there are, and how their reader sees them.

use std::collections::{BTreeMap, BTreeSet};

use crate::order_books::{ArrivedMail, BookedMail, BookedOrder, BookedStep, OrderBooks};

impl OrderBooks {
    /// Each step has the one mail that says it, from when on it was known where to, and there are no others.
    pub(super) fn judge_mails(&self, broken: &mut Vec<String>) {
        let (mut histories, mut of_order) = (self.histories(), self.mails_of_orders());
        for order in &self.orders {
            let history = histories.remove(&order.number).unwrap_or_default();
            let mails = of_order.remove(&order.number).unwrap_or_default();
            broken.extend(faults_of_chain(order, &history, &mails));
        }
        broken.extend(of_order.keys().map(|number| format!("order {number} has mails and is not there")));
        let unasked = self.mails.iter().filter(|mail| mail.step.is_none());
        broken.extend(unasked.map(|mail| format!("no step of an order has asked for {mail:?}")));
    }

    /// Each mail came once, or as often as nobody knows better. Those of one order say its code and its total, and are shown
    /// together, and with those of no other.
    pub(super) fn judge_threads(&self, broken: &mut Vec<String>) {
        let Some(arrived) = &self.arrived else { return };
        let mut of_id: BTreeMap<&str, Vec<&ArrivedMail>> = BTreeMap::new();
        for mail in arrived {
            of_id.entry(&mail.message_id).or_default().push(mail);
        }
        let (mut of_order, mut of_thread) = (self.mails_of_orders(), BTreeMap::<&str, BTreeSet<i64>>::new());
        for order in &self.orders {
            let (number, mut threads) = (order.number, BTreeSet::new());
            for mail in of_order.remove(&number).unwrap_or_default() {
                let came = of_id.remove(mail.message_id.as_str()).unwrap_or_default();
                if !is_explained(mail, came.len()) {
                    broken.push(format!("a mail of order {number} came {} times: {mail:?}", came.len()));
                }
                let elsewhere = came.iter().find(|mail| !speaks_of(order, mail));
                broken.extend(elsewhere.map(|mail| format!("order {number} has a mail of something else: {mail:?}")));
                threads.extend(came.iter().map(|mail| mail.thread.as_str()));
            }
            if threads.len() > 1 {
                broken.push(format!("the mails of order {number} are shown in {} threads", threads.len()));
            }
            threads.into_iter().for_each(|thread| {
                of_thread.entry(thread).or_default().insert(number);
            });
        }
        broken.extend(of_id.keys().map(|id| format!("{id} came in a thread, and was never made")));
        let shared = of_thread.values().filter(|orders| orders.len() > 1);
        broken.extend(shared.map(|orders| format!("the mails of the orders {orders:?} are shown together")));
    }

    fn mails_of_orders(&self) -> BTreeMap<i64, Vec<&BookedMail>> {
        let mut of_order: BTreeMap<i64, Vec<&BookedMail>> = BTreeMap::new();
        for mail in &self.mails {
            if let Some((order, _)) = mail.step {
                of_order.entry(order).or_default().push(mail);
            }
        }
        of_order
    }
}

/// What is wrong with the mails of one order, whose steps are in their order.
fn faults_of_chain(order: &BookedOrder, history: &[&BookedStep], mails: &[&BookedMail]) -> Vec<String> {
    let (number, mut faults) = (order.number, Vec::new());
    let befores = std::iter::once(None).chain(history.iter().map(|step| Some(step.status.as_str())));
    for (before, step) in befores.zip(history) {
        let (version, status, due) = (step.version, &step.status, subjects(before, &step.status));
        let made: Vec<_> = mails.iter().filter(|mail| mail.step == Some((number, version))).collect();
        let is_right = match (due.is_empty(), step.is_mailed) {
            (true, _) => made.is_empty(),
            (false, true) => made.len() == 1,
            // It may have become known in the same moment.
            (false, false) => made.len() <= 1,
        };
        if !is_right {
            faults.push(format!("order {number} has {} mails of step {version}, by which it was {status}", made.len()));
        }
        let wrong = made.iter().find(|mail| !due.is_empty() && !due.contains(&mail.subject.as_str()));
        faults.extend(wrong.map(|mail| {
            format!("order {number} has the mail {:?} of step {version}, by which it was {status}", mail.subject)
        }));
    }
    let is_of_step = |mail: &BookedMail| history.iter().any(|step| mail.step == Some((number, step.version)));
    let of_no_step = mails.iter().find(|mail| !is_of_step(mail));
    faults.extend(of_no_step.map(|mail| format!("order {number} has a mail of a step that it never made: {mail:?}")));
    let to_another = mails.iter().find(|mail| mail.reader != order.reader);
    faults.extend(to_another.map(|mail| format!("order {number} of {} has a mail to {}", order.reader, mail.reader)));
    faults
}

/// What the mail of a step has as its subject, in either language; none where no mail goes out. They are the words that readers
/// know, and not the code's.
pub(super) fn subjects(before: Option<&str>, status: &str) -> &'static [&'static str] {
    match status {
        _ if before == Some(status) => &["Siparişiniz gecikecek", "Your order will be late"],
        "placed" => &["Siparişinizi aldık", "We have your order"],
        "accepted" => &["Siparişiniz onaylandı", "Your order was accepted"],
        "preparing" => &["Siparişiniz hazırlanıyor", "Your order is being prepared"],
        "on_the_way" => &["Siparişiniz yola çıktı", "Your order is on its way"],
        "delivered" => &["Siparişiniz teslim edildi", "Your order was delivered"],
        "rejected" => &["Restoran siparişinizi alamadı", "The restaurant could not take your order"],
        "cancelled" => &["Siparişiniz iptal edildi", "Your order was cancelled"],
        "payment_failed" => &["Ödeme alınamadı", "The payment failed"],
        _ => &[],
    }
}

/// Whether the mail may have come so often. One that was in doubt twice stays so: it is not sent a third time.
fn is_explained(mail: &BookedMail, came: usize) -> bool {
    let (came, doubts) = (i64::try_from(came).unwrap_or(i64::MAX), mail.ambiguities);
    match mail.state.as_str() {
        "sent" => (1..=1 + doubts).contains(&came),
        "ambiguous" => doubts > 0 && came <= doubts,
        _ => false,
    }
}

/// Whether the mail says the order's code, and what it costs.
fn speaks_of(order: &BookedOrder, mail: &ArrivedMail) -> bool {
    let (lira, kurus) = (order.sums.total / 100, order.sums.total % 100);
    let totals = [format!("{lira},{kurus:02} ₺"), format!("₺{lira}.{kurus:02}")];
    mail.text.contains(&order.code) && totals.iter().any(|total| mail.text.contains(total))
}
