//! What mails say of orders.

use contracts::{Locale, OrderChange};

use super::Wording;

/// Wording of one change: subject and heading, and the text.
type SubjectAndText = (&'static str, &'static str);

pub(super) fn wording(change: OrderChange, locale: Locale) -> Wording<'static> {
    let ((subject, text), closing) = match locale {
        Locale::Tr => (turkish(change), "Siparişinizin son durumunu Lezzetlimanı’ndaki siparişlerinizde görürsünüz."),
        Locale::En => (english(change), "You see what becomes of your order among your orders at Lezzetlimanı."),
    };
    Wording { subject, heading: subject, text, button: None, closing }
}

fn turkish(change: OrderChange) -> SubjectAndText {
    match change {
        OrderChange::Placed => {
            ("Siparişinizi aldık", "Siparişiniz restorana ulaştı. Restoran yanıtlayınca size yazacağız.")
        }
        OrderChange::Accepted => ("Siparişiniz onaylandı", "Restoran siparişinizi onayladı."),
        OrderChange::Delayed => ("Siparişiniz gecikecek", "Restoran siparişinizin daha geç hazır olacağını bildirdi."),
        OrderChange::Preparing => ("Siparişiniz hazırlanıyor", "Restoran siparişinizi hazırlamaya başladı."),
        OrderChange::OnTheWay => ("Siparişiniz yola çıktı", "Siparişiniz yolda. Birazdan yanınızda olacak."),
        OrderChange::Delivered => ("Siparişiniz teslim edildi", "Siparişiniz teslim edildi. Afiyet olsun!"),
        OrderChange::Rejected => (
            "Restoran siparişinizi alamadı",
            "Restoran siparişinizi kabul edemedi. Kartla ödediyseniz sizden para alınmaz.",
        ),
        OrderChange::Cancelled => {
            ("Siparişiniz iptal edildi", "Siparişiniz iptal edildi. Kartla ödediyseniz tutar kartınıza geri döner.")
        }
        OrderChange::PaymentFailed => (
            "Ödeme alınamadı",
            "Kartınızdan ödeme alınamadığı için siparişiniz restorana iletilmedi. Sizden para alınmadı.",
        ),
    }
}

fn english(change: OrderChange) -> SubjectAndText {
    match change {
        OrderChange::Placed => {
            ("We have your order", "Your order has reached the restaurant. We will write to you when it answers.")
        }
        OrderChange::Accepted => ("Your order was accepted", "The restaurant has accepted your order."),
        OrderChange::Delayed => ("Your order will be late", "The restaurant says that your order will take longer."),
        OrderChange::Preparing => ("Your order is being prepared", "The restaurant has begun to prepare your order."),
        OrderChange::OnTheWay => ("Your order is on its way", "Your order is on its way and will be with you soon."),
        OrderChange::Delivered => ("Your order was delivered", "Your order was delivered. Enjoy your meal!"),
        OrderChange::Rejected => (
            "The restaurant could not take your order",
            "The restaurant could not take your order. If you paid by card, you are charged nothing.",
        ),
        OrderChange::Cancelled => (
            "Your order was cancelled",
            "Your order was cancelled. If you paid by card, the amount goes back to your card.",
        ),
        OrderChange::PaymentFailed => (
            "The payment failed",
            "Your card did not pay, so your order was not passed on to the restaurant. You are charged nothing.",
        ),
    }
}
