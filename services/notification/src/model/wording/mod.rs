//! What each message says and is for, in each language.

mod order;

use contracts::{Locale, MailKind, MailMessage};
use kit::Text;

use crate::model::SenderIdentity;

/// The wording of one message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wording<'a> {
    pub(crate) subject: &'a str,
    pub(crate) heading: &'a str,
    pub(crate) text: &'a str,
    /// On the button, for messages that lead somewhere.
    pub(crate) button: Option<&'static str>,
    /// What to do if it was not the reader who caused it.
    pub(crate) closing: &'static str,
}

/// Wording that stands in every message of a language.
pub(crate) struct Frame {
    pub(crate) button_hint: &'static str,
    pub(crate) unsubscribe: &'static str,
    pub(crate) signature: &'static str,
}

pub(crate) fn frame(locale: Locale) -> Frame {
    match locale {
        Locale::Tr => Frame {
            button_hint: "Düğme çalışmazsa bu adresi tarayıcınızda açın:",
            unsubscribe: "Kampanya iletilerini almak istemiyorum",
            signature: "Sevgiler, Lezzetlimanı",
        },
        Locale::En => Frame {
            button_hint: "If the button does not work, open this address in your browser:",
            unsubscribe: "Unsubscribe from offers",
            signature: "Warm regards, Lezzetlimanı",
        },
    }
}

pub(crate) fn wording(message: &MailMessage, locale: Locale) -> Wording<'_> {
    match locale {
        Locale::Tr => turkish(message),
        Locale::En => english(message),
    }
}

fn turkish(message: &MailMessage) -> Wording<'_> {
    match message {
        MailMessage::Verification { .. } => Wording {
            subject: "E-posta adresinizi doğrulayın",
            heading: "Aramıza hoş geldiniz!",
            text: "Lezzetlimanı’na kaydolduğunuz için teşekkür ederiz. Geriye tek bir adım kaldı: Bu adresin size ait \
                   olduğunu doğrulayın. Bağlantı 24 saat geçerlidir.",
            button: Some("Adresimi doğrula"),
            closing: "Kaydolan siz değilseniz bu iletiyi silmeniz yeterli; adresinizle hesap açılmaz.",
        },
        MailMessage::PasswordReset { .. } => Wording {
            subject: "Yeni parolanızı belirleyin",
            heading: "Yeni bir parola belirleyin",
            text: "Hesabınız için yeni bir parola belirleme isteği aldık. Bağlantı 15 dakika boyunca ve yalnızca bir kez \
                   kullanılabilir.",
            button: Some("Yeni parola belirle"),
            closing: "Bunu isteyen siz değilseniz bir şey yapmanıza gerek yok; parolanız olduğu gibi kalır.",
        },
        MailMessage::AlreadyRegistered { .. } => Wording {
            subject: "Zaten bir hesabınız var",
            heading: "Zaten aramızdasınız",
            text: "Bu e-posta adresiyle yeniden kaydolunmak istendi, oysa adresinizin Lezzetlimanı’nda zaten bir hesabı var. \
                   Kaydolmak isteyen sizseniz giriş yapmanız yeterli; parolanızı unuttuysanız yenisini giriş sayfasından \
                   isteyebilirsiniz.",
            button: None,
            closing: "Siz değilseniz bu iletiyi dikkate almayın; hesabınızda hiçbir şey değişmedi.",
        },
        MailMessage::PasswordChanged { .. } => Wording {
            subject: "Parolanız değiştirildi",
            heading: "Parolanız değiştirildi",
            text: "Lezzetlimanı hesabınızın parolası değiştirildi ve önceki bütün oturumlarınız kapatıldı.",
            button: None,
            closing: "Bunu yapan siz değilseniz giriş sayfasındaki “Parolamı unuttum” ile hemen yeni bir parola isteyin.",
        },
        MailMessage::SessionRevoked { .. } => Wording {
            subject: "Güvenliğiniz için bir oturumunuzu kapattık",
            heading: "Bir oturumunuzu kapattık",
            text: "Oturum anahtarlarınızdan biri ikinci kez kullanıldı. Anahtar başkasının eline geçmiş olabileceği için o \
                   oturumu hemen kapattık. Yeniden giriş yapmanız yeterli.",
            button: None,
            closing: "Hesabınızda size ait olmayan bir işlem görürseniz parolanızı değiştirin.",
        },
        MailMessage::NewDevice { .. } => Wording {
            subject: "Hesabınıza yeni bir cihazdan giriş yapıldı",
            heading: "Yeni bir cihazdan giriş yapıldı",
            text: "Lezzetlimanı hesabınıza daha önce görmediğimiz bir cihazdan giriş yapıldı. Giriş yapan sizseniz bir şey \
                   yapmanıza gerek yok.",
            button: None,
            closing: "Siz değilseniz hemen parolanızı değiştirin; böylece bütün oturumlar kapanır.",
        },
        MailMessage::Discount { title, description, .. } => Wording {
            subject: title,
            heading: title,
            text: description,
            button: None,
            closing: "Bu iletiyi, kampanyalardan haberdar olmayı kabul ettiğiniz için aldınız. Afiyet olsun!",
        },
        MailMessage::OrderUpdate(order) => order::wording(order.change, Locale::Tr),
    }
}

fn english(message: &MailMessage) -> Wording<'_> {
    match message {
        MailMessage::Verification { .. } => Wording {
            subject: "Confirm your e-mail address",
            heading: "Welcome aboard!",
            text: "Thank you for registering at Lezzetlimanı. One step is left: confirm that this address is yours. The link \
                   works for 24 hours.",
            button: Some("Confirm my address"),
            closing: "If it was not you who registered, simply delete this mail; no account is opened with your address.",
        },
        MailMessage::PasswordReset { .. } => Wording {
            subject: "Choose your new password",
            heading: "Choose a new password",
            text: "We were asked to let you choose a new password for your account. The link works for 15 minutes, and once \
                   only.",
            button: Some("Choose a new password"),
            closing: "If it was not you who asked, there is nothing to do; your password stays as it is.",
        },
        MailMessage::AlreadyRegistered { .. } => Wording {
            subject: "You already have an account",
            heading: "You are already on board",
            text: "Somebody wanted to register with this e-mail address, but it already has an account at Lezzetlimanı. If it \
                   was you, just sign in; if you forgot your password, ask for a new one on the sign-in page.",
            button: None,
            closing: "If it was not you, you can ignore this mail; nothing about your account has changed.",
        },
        MailMessage::PasswordChanged { .. } => Wording {
            subject: "Your password was changed",
            heading: "Your password was changed",
            text: "The password of your Lezzetlimanı account was changed, and all your earlier sessions were ended.",
            button: None,
            closing: "If it was not you, ask for a new password at once, by “Forgot my password” on the sign-in page.",
        },
        MailMessage::SessionRevoked { .. } => Wording {
            subject: "We ended one of your sessions to keep you safe",
            heading: "We ended one of your sessions",
            text: "One of your session keys was used a second time. Somebody else may have got hold of it, so we ended that \
                   session at once. You can simply sign in again.",
            button: None,
            closing: "If you see anything in your account that was not you, change your password.",
        },
        MailMessage::NewDevice { .. } => Wording {
            subject: "A sign-in from a new device",
            heading: "A sign-in from a new device",
            text: "Somebody signed in to your Lezzetlimanı account from a device that we have not seen before. If it was you, \
                   there is nothing to do.",
            button: None,
            closing: "If it was not you, change your password at once; that ends every session.",
        },
        MailMessage::Discount { title, description, .. } => Wording {
            subject: title,
            heading: title,
            text: description,
            button: None,
            closing: "You get this mail because you agreed to hear about offers. Enjoy your meal!",
        },
        MailMessage::OrderUpdate(order) => order::wording(order.change, Locale::En),
    }
}

/// Who sends commercial mail, as each of them says it.
pub(crate) fn identity(identity: &SenderIdentity, locale: Locale) -> [String; 3] {
    let SenderIdentity { title, mersis, contact } = identity;
    let [sender, number, reached] = match locale {
        Locale::Tr => ["Gönderen", "MERSİS no", "İletişim"],
        Locale::En => ["Sender", "MERSİS number", "Contact"],
    };
    [format!("{sender}: {title}"), format!("{number}: {mersis}"), format!("{reached}: {contact}")]
}

/// What messages of `kind` are for, as those who may send one by hand read it.
pub(crate) fn purpose(kind: MailKind) -> Text {
    match kind {
        MailKind::Verification => {
            Text::new("E-posta adresini doğrulama bağlantısı", "Link that proves an e-mail address")
        }
        MailKind::PasswordReset => Text::new("Parola yenileme bağlantısı", "Link for choosing a new password"),
        MailKind::Discount => Text::new("Kampanya duyurusu", "Offer of a restaurant"),
        MailKind::AlreadyRegistered => {
            Text::new("Adresin zaten hesabı olduğu bilgisi", "The address already has an account")
        }
        MailKind::PasswordChanged => Text::new("Parolanın değiştiği bilgisi", "The password was changed"),
        MailKind::SessionRevoked => {
            Text::new("Bir oturumun güvenlik için kapatıldığı bilgisi", "A session was ended for safety")
        }
        MailKind::NewDevice => Text::new("Yeni cihazdan giriş bilgisi", "A sign-in from a new device"),
        MailKind::OrderUpdate => Text::new("Siparişin son durumu", "What has become of an order"),
    }
}

/// What `mail test` sends: no event asks for it, so it is no message.
pub(crate) fn test_wording(locale: Locale) -> Wording<'static> {
    match locale {
        Locale::Tr => Wording {
            subject: "Lezzetlimanı deneme iletisi",
            heading: "Postanız ulaştı",
            text: "Bu ileti, posta ayarlarını denemek isteyen yöneticinin isteğiyle gönderildi.",
            button: None,
            closing: "Okuyabiliyorsanız her şey yolunda; bir şey yapmanıza gerek yok.",
        },
        Locale::En => Wording {
            subject: "Lezzetlimanı test mail",
            heading: "Your mail has arrived",
            text: "This mail was sent because the operator wanted to try the mail settings.",
            button: None,
            closing: "If you can read it, all is well; there is nothing to do.",
        },
    }
}

#[cfg(test)]
mod tests {
    use contracts::{Asked, RESET_LINK_TTL, Secret, VERIFICATION_LINK_TTL};

    use super::*;

    #[test]
    fn mails_say_how_long_their_links_work() {
        let (token, asked) = (Secret::new("token"), Asked::default());
        let verification = MailMessage::Verification { token: token.clone(), asked: asked.clone() };
        let reset = MailMessage::PasswordReset { token, asked };
        let (hours, minutes) = (VERIFICATION_LINK_TTL.as_secs() / 3600, RESET_LINK_TTL.as_secs() / 60);

        for (message, locale, expected) in [
            (&verification, Locale::Tr, format!("Bağlantı {hours} saat geçerlidir")),
            (&verification, Locale::En, format!("The link works for {hours} hours")),
            (&reset, Locale::Tr, format!("Bağlantı {minutes} dakika boyunca")),
            (&reset, Locale::En, format!("The link works for {minutes} minutes")),
        ] {
            assert!(wording(message, locale).text.contains(&expected), "{expected}");
        }
    }
}
