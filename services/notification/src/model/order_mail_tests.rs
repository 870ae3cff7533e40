//! The mails of orders word for word, as those of [`super::mail_tests`].

use contracts::{Locale, MailMessage, OrderChange, OrderUpdate};

use super::mail::Content;
use super::mail_tests::rendered;

#[test]
fn mails_of_orders() {
    let order = |change, reason: Option<&str>, locale| {
        let order = OrderUpdate {
            order_id: "7".to_owned(),
            change,
            code: "7QF2".to_owned(),
            restaurant: "Çıpa Kebap".to_owned(),
            total: "84.85".to_owned(),
            target_at: reason.is_none().then(|| "2026-01-01T12:40:00Z".parse().unwrap()),
            reason: reason.map(str::to_owned),
            reason_text: (reason == Some("other")).then(|| "Fırın bozuldu".to_owned()),
        };
        let Content { subject, text, .. } = rendered(&MailMessage::OrderUpdate(order), locale);
        format!("==== {subject}\n{text}\n")
    };
    let mails = [
        order(OrderChange::Accepted, None, Locale::Tr),
        order(OrderChange::Rejected, Some("other"), Locale::Tr),
        order(OrderChange::Rejected, Some("no_answer"), Locale::En),
        order(OrderChange::Cancelled, Some("a word of a later version"), Locale::En),
    ];

    insta::assert_snapshot!(mails.concat(), @r#"
    ==== Siparişiniz onaylandı
    Siparişiniz onaylandı

    Restoran siparişinizi onayladı.

    Sipariş kodu: 7QF2
    Restoran: Çıpa Kebap
    Tutar: 84,85 ₺
    Beklenen saat: 1 Ocak 2026, 15:40 (Türkiye saatiyle)

    Siparişinizin son durumunu Lezzetlimanı’ndaki siparişlerinizde görürsünüz.

    Sevgiler, Lezzetlimanı
    ==== Restoran siparişinizi alamadı
    Restoran siparişinizi alamadı

    Restoran siparişinizi kabul edemedi. Kartla ödediyseniz sizden para alınmaz.

    Sipariş kodu: 7QF2
    Restoran: Çıpa Kebap
    Tutar: 84,85 ₺
    Neden: Fırın bozuldu

    Siparişinizin son durumunu Lezzetlimanı’ndaki siparişlerinizde görürsünüz.

    Sevgiler, Lezzetlimanı
    ==== The restaurant could not take your order
    The restaurant could not take your order

    The restaurant could not take your order. If you paid by card, you are charged nothing.

    Order code: 7QF2
    Restaurant: Çıpa Kebap
    Total: ₺84.85
    Why: The restaurant did not answer in time

    You see what becomes of your order among your orders at Lezzetlimanı.

    Warm regards, Lezzetlimanı
    ==== Your order was cancelled
    Your order was cancelled

    Your order was cancelled. If you paid by card, the amount goes back to your card.

    Order code: 7QF2
    Restaurant: Çıpa Kebap
    Total: ₺84.85

    You see what becomes of your order among your orders at Lezzetlimanı.

    Warm regards, Lezzetlimanı
    "#);
}
