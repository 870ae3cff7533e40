//! What a page says once about what was just done, carried over the redirect by a cookie that holds a code alone.

use contracts::Locale;
use strum::{EnumString, IntoStaticStr};

/// Something that was done. Every page that shows one says it in its own language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[cfg_attr(test, derive(strum::EnumIter))]
#[strum(serialize_all = "kebab-case")]
pub enum Flash {
    /// The reader's session has ended.
    SignedOut,
    /// All sessions of the reader have ended.
    SignedOutEverywhere,
    /// Another session of the reader has ended.
    SessionEnded,
    /// The password is a new one.
    PasswordChanged,
    /// The restaurant has taken an order on.
    OrderAccepted,
    /// It has turned one down.
    OrderRejected,
    /// It has called off one that it had taken on.
    OrderCalledOff,
    /// It has said that one takes longer.
    OrderDelayed,
    /// An order has made another step.
    OrderMoved,
    /// A meal is in the cart.
    AddedToBasket,
    /// A line of the cart is another one.
    BasketChanged,
    /// A line of the cart is gone.
    RemovedFromBasket,
    /// What was chosen before signing in is in the reader's cart.
    BasketsMerged,
    /// The cart stays as it was.
    BasketKept,
    /// What was ordered before is in the cart.
    Reordered,
    /// The form was sent before, and what it ordered is among the orders.
    OrderedBefore,
    /// The order is called off.
    OrderCancelled,
    /// The restaurant is written down.
    RestaurantCreated,
    /// What is written of the restaurant has changed.
    RestaurantSaved,
    /// The restaurant is gone.
    RestaurantDeleted,
    /// The meal is on the menu as it was written.
    MealSaved,
    /// The meal is off the menu.
    MealDeleted,
    /// The meal can't be had for now.
    MealSoldOut,
    /// The meal can be had again.
    MealAvailable,
    /// The parts of the menu have changed.
    MenuSaved,
    /// The restaurant opens as it was written.
    HoursSaved,
    /// The restaurant takes a break.
    PauseBegun,
    /// The break is over.
    PauseEnded,
    /// The campaign holds as it was written.
    CampaignSaved,
    /// The campaign holds no more.
    CampaignWithdrawn,
    /// The profile is as the reader wrote it.
    ProfileSaved,
    /// Mails and pages are in the language that the reader chose.
    LanguageSaved,
    /// The reader has agreed to commercial mail.
    ConsentGiven,
    /// The reader wants no commercial mail.
    ConsentRefused,
    /// The reader follows a restaurant or a cuisine.
    FavoriteAdded,
    /// The reader follows it no more.
    FavoriteRemoved,
    /// An address is as the reader wrote it.
    AddressSaved,
    /// An address is gone.
    AddressDeleted,
}

impl Flash {
    /// The value of the cookie.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// What the page says.
    #[must_use]
    pub fn text(self, locale: Locale) -> &'static str {
        match self {
            Self::SignedOut => locale.say("Çıkış yapıldı.", "You are signed out."),
            Self::SignedOutEverywhere => locale.say("Bütün oturumlarınız kapatıldı.", "All your sessions have ended."),
            Self::SessionEnded => locale.say("Oturum kapatıldı.", "The session has ended."),
            Self::PasswordChanged => locale.say(
                "Parolanız değişti; öteki oturumlarınız kapatıldı.",
                "Your password is changed; your other sessions have ended.",
            ),
            Self::OrderAccepted => locale.say("Sipariş kabul edildi.", "The order is accepted."),
            Self::OrderRejected => locale.say("Sipariş reddedildi.", "The order is rejected."),
            Self::OrderCalledOff => locale.say("Sipariş iptal edildi.", "The order is called off."),
            Self::OrderDelayed => {
                locale.say("Yeni saat müşteriye bildirildi.", "Whoever has ordered knows the new time.")
            }
            Self::OrderMoved => locale.say("Sipariş ilerledi.", "The order has moved on."),
            Self::AddedToBasket => locale.say("Sepete eklendi.", "Added to your basket."),
            Self::BasketChanged => locale.say("Sepet güncellendi.", "Your basket is updated."),
            Self::RemovedFromBasket => locale.say("Sepetten çıkarıldı.", "Removed from your basket."),
            Self::BasketsMerged => locale.say(
                "Girişten önce seçtikleriniz sepetinize taşındı.",
                "What you chose before signing in is in your basket now.",
            ),
            Self::BasketKept => locale.say("Sepetiniz olduğu gibi kaldı.", "Your basket stays as it was."),
            Self::Reordered => locale.say("Ürünler sepetinizde.", "The items are in your basket."),
            Self::OrderedBefore => locale.say(
                "Bu form daha önce gönderildi; siparişiniz aşağıda.",
                "This form was sent before; your order is below.",
            ),
            Self::OrderCancelled => locale.say("Siparişiniz iptal edildi.", "Your order is cancelled."),
            Self::RestaurantCreated => locale.say(
                "Restoran kaydedildi; şimdi menüsünü ve saatlerini yazın.",
                "The restaurant is saved; now write its menu and hours.",
            ),
            Self::RestaurantSaved => {
                locale.say("Restoran bilgileri kaydedildi.", "The facts of the restaurant are saved.")
            }
            Self::RestaurantDeleted => locale.say("Restoran silindi.", "The restaurant is deleted."),
            Self::MealSaved => locale.say("Yemek kaydedildi.", "The dish is saved."),
            Self::MealDeleted => locale.say("Yemek menüden silindi.", "The dish is deleted from the menu."),
            Self::MealSoldOut => locale.say("Yemek tükendi olarak gösteriliyor.", "The dish is shown as sold out."),
            Self::MealAvailable => locale.say("Yemek yeniden sipariş edilebilir.", "The dish can be ordered again."),
            Self::MenuSaved => locale.say("Menü kaydedildi.", "The menu is saved."),
            Self::HoursSaved => locale.say("Çalışma saatleri kaydedildi.", "The opening hours are saved."),
            Self::PauseBegun => {
                locale.say("Ara başladı; yeni sipariş alınmıyor.", "The break has begun; no new orders are taken.")
            }
            Self::PauseEnded => locale.say("Ara bitti.", "The break is over."),
            Self::CampaignSaved => locale.say("Kampanya kaydedildi.", "The campaign is saved."),
            Self::CampaignWithdrawn => locale.say("Kampanya geri çekildi.", "The campaign is withdrawn."),
            Self::ProfileSaved => locale.say("Profiliniz kaydedildi.", "Your profile is saved."),
            Self::LanguageSaved => locale.say("Diliniz kaydedildi.", "Your language is saved."),
            Self::ConsentGiven => locale.say(
                "Onayınız kaydedildi; istediğiniz an geri alabilirsiniz.",
                "Your consent is saved; you can withdraw it at any time.",
            ),
            Self::ConsentRefused => {
                locale.say("Kaydedildi: size kampanya postası gönderilmez.", "Saved: you get no mails of campaigns.")
            }
            Self::FavoriteAdded => locale.say("Favorilerinize eklendi.", "It is among your favourites."),
            Self::FavoriteRemoved => locale.say("Favorilerinizden çıkarıldı.", "It is no favourite any more."),
            Self::AddressSaved => locale.say("Adresiniz kaydedildi.", "Your address is saved."),
            Self::AddressDeleted => locale.say("Adres silindi.", "The address is deleted."),
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn each_is_read_as_it_is_written_and_says_something_of_its_own_in_both_languages() {
        for flash in Flash::iter() {
            assert_eq!(flash.code().parse(), Ok(flash));
            assert_ne!(flash.text(Locale::Tr), flash.text(Locale::En));
        }
        assert!("horoscope".parse::<Flash>().is_err());
    }
}
