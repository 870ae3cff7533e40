//! The messages word for word: a changed snapshot is a changed message and is read like one.

use clock::Timestamp;
use contracts::{Asked, EmailEvent, Event, Locale, MailClass, MailMessage, Offer, Secret};

use super::mail::{Content, render, render_test, with_identity};
use super::wording::wording;
use super::{Links, SenderIdentity};

fn asked() -> Asked {
    Asked {
        asked_at: Timestamp::from_timestamp(1_700_000_000, 0),
        asked_from: Some("203.0.113.0/24".to_owned()),
        asked_with: Some("Mozilla/5.0 (Linux; Android 14) Chrome/125.0 Mobile Safari/537.36".to_owned()),
    }
}

/// Those whose words are checked here one by one.
fn messages() -> [MailMessage; 7] {
    let (token, asked) = (Secret::new("tok-en"), asked());
    [
        MailMessage::Verification { token: token.clone(), asked: asked.clone() },
        MailMessage::PasswordReset { token, asked: Asked::default() },
        MailMessage::AlreadyRegistered { asked: asked.clone() },
        MailMessage::PasswordChanged { asked: asked.clone() },
        MailMessage::SessionRevoked { asked: asked.clone() },
        MailMessage::NewDevice { asked },
        MailMessage::Discount {
            title: "Lahmacunda %20 indirim".to_owned(),
            description: "Yalnızca bugün!".to_owned(),
            offer: Offer::default(),
        },
    ]
}

/// One or more of each type that there is.
fn messages_of_every_type() -> impl Iterator<Item = MailMessage> {
    EmailEvent::EXAMPLES.iter().map(|example| serde_json::from_str::<EmailEvent>(example).unwrap().message)
}

pub(super) fn rendered(message: &MailMessage, locale: Locale) -> Content {
    let links = Links { public_url: "http://localhost:8080".to_owned(), front_end: None };
    let unsubscribe = (message.class() == MailClass::Commercial).then(|| links.unsubscribe("a.b"));
    render(message, locale, &links, unsubscribe).unwrap()
}

fn texts(locale: Locale) -> String {
    messages()
        .iter()
        .map(|message| {
            let Content { subject, text, .. } = rendered(message, locale);
            format!("==== {}: {subject}\n{text}\n", message.kind())
        })
        .collect()
}

#[test]
fn the_turkish_mails() {
    insta::assert_snapshot!(texts(Locale::Tr), @r#"
    ==== verification: E-posta adresinizi doğrulayın
    Aramıza hoş geldiniz!

    Lezzetlimanı’na kaydolduğunuz için teşekkür ederiz. Geriye tek bir adım kaldı: Bu adresin size ait olduğunu doğrulayın. Bağlantı 24 saat geçerlidir.

    Adresimi doğrula:
    http://localhost:8080/auth/verify-email?token=tok-en

    Ne zaman: 15 Kasım 2023, 01:13 (Türkiye saatiyle)
    Hangi ağdan: 203.0.113.x
    Hangi cihazla: Chrome, Android

    Kaydolan siz değilseniz bu iletiyi silmeniz yeterli; adresinizle hesap açılmaz.

    Sevgiler, Lezzetlimanı
    ==== password_reset: Yeni parolanızı belirleyin
    Yeni bir parola belirleyin

    Hesabınız için yeni bir parola belirleme isteği aldık. Bağlantı 15 dakika boyunca ve yalnızca bir kez kullanılabilir.

    Yeni parola belirle:
    http://localhost:8080/auth/reset-password?token=tok-en

    Bunu isteyen siz değilseniz bir şey yapmanıza gerek yok; parolanız olduğu gibi kalır.

    Sevgiler, Lezzetlimanı
    ==== already_registered: Zaten bir hesabınız var
    Zaten aramızdasınız

    Bu e-posta adresiyle yeniden kaydolunmak istendi, oysa adresinizin Lezzetlimanı’nda zaten bir hesabı var. Kaydolmak isteyen sizseniz giriş yapmanız yeterli; parolanızı unuttuysanız yenisini giriş sayfasından isteyebilirsiniz.

    Ne zaman: 15 Kasım 2023, 01:13 (Türkiye saatiyle)
    Hangi ağdan: 203.0.113.x
    Hangi cihazla: Chrome, Android

    Siz değilseniz bu iletiyi dikkate almayın; hesabınızda hiçbir şey değişmedi.

    Sevgiler, Lezzetlimanı
    ==== password_changed: Parolanız değiştirildi
    Parolanız değiştirildi

    Lezzetlimanı hesabınızın parolası değiştirildi ve önceki bütün oturumlarınız kapatıldı.

    Ne zaman: 15 Kasım 2023, 01:13 (Türkiye saatiyle)
    Hangi ağdan: 203.0.113.x
    Hangi cihazla: Chrome, Android

    Bunu yapan siz değilseniz giriş sayfasındaki “Parolamı unuttum” ile hemen yeni bir parola isteyin.

    Sevgiler, Lezzetlimanı
    ==== session_revoked: Güvenliğiniz için bir oturumunuzu kapattık
    Bir oturumunuzu kapattık

    Oturum anahtarlarınızdan biri ikinci kez kullanıldı. Anahtar başkasının eline geçmiş olabileceği için o oturumu hemen kapattık. Yeniden giriş yapmanız yeterli.

    Ne zaman: 15 Kasım 2023, 01:13 (Türkiye saatiyle)
    Hangi ağdan: 203.0.113.x
    Hangi cihazla: Chrome, Android

    Hesabınızda size ait olmayan bir işlem görürseniz parolanızı değiştirin.

    Sevgiler, Lezzetlimanı
    ==== new_device: Hesabınıza yeni bir cihazdan giriş yapıldı
    Yeni bir cihazdan giriş yapıldı

    Lezzetlimanı hesabınıza daha önce görmediğimiz bir cihazdan giriş yapıldı. Giriş yapan sizseniz bir şey yapmanıza gerek yok.

    Ne zaman: 15 Kasım 2023, 01:13 (Türkiye saatiyle)
    Hangi ağdan: 203.0.113.x
    Hangi cihazla: Chrome, Android

    Siz değilseniz hemen parolanızı değiştirin; böylece bütün oturumlar kapanır.

    Sevgiler, Lezzetlimanı
    ==== discount: Kampanya: Lahmacunda %20 indirim
    Lahmacunda %20 indirim

    Yalnızca bugün!

    Bu iletiyi, kampanyalardan haberdar olmayı kabul ettiğiniz için aldınız. Afiyet olsun!

    Kampanya iletilerini almak istemiyorum:
    http://localhost:8080/notification/unsubscribe?token=a.b

    Sevgiler, Lezzetlimanı
    "#);
}

#[test]
fn the_english_mails() {
    insta::assert_snapshot!(texts(Locale::En), @r#"
    ==== verification: Confirm your e-mail address
    Welcome aboard!

    Thank you for registering at Lezzetlimanı. One step is left: confirm that this address is yours. The link works for 24 hours.

    Confirm my address:
    http://localhost:8080/auth/verify-email?token=tok-en

    When: 15 November 2023, 01:13 (Türkiye time)
    From which network: 203.0.113.x
    With which device: Chrome, Android

    If it was not you who registered, simply delete this mail; no account is opened with your address.

    Warm regards, Lezzetlimanı
    ==== password_reset: Choose your new password
    Choose a new password

    We were asked to let you choose a new password for your account. The link works for 15 minutes, and once only.

    Choose a new password:
    http://localhost:8080/auth/reset-password?token=tok-en

    If it was not you who asked, there is nothing to do; your password stays as it is.

    Warm regards, Lezzetlimanı
    ==== already_registered: You already have an account
    You are already on board

    Somebody wanted to register with this e-mail address, but it already has an account at Lezzetlimanı. If it was you, just sign in; if you forgot your password, ask for a new one on the sign-in page.

    When: 15 November 2023, 01:13 (Türkiye time)
    From which network: 203.0.113.x
    With which device: Chrome, Android

    If it was not you, you can ignore this mail; nothing about your account has changed.

    Warm regards, Lezzetlimanı
    ==== password_changed: Your password was changed
    Your password was changed

    The password of your Lezzetlimanı account was changed, and all your earlier sessions were ended.

    When: 15 November 2023, 01:13 (Türkiye time)
    From which network: 203.0.113.x
    With which device: Chrome, Android

    If it was not you, ask for a new password at once, by “Forgot my password” on the sign-in page.

    Warm regards, Lezzetlimanı
    ==== session_revoked: We ended one of your sessions to keep you safe
    We ended one of your sessions

    One of your session keys was used a second time. Somebody else may have got hold of it, so we ended that session at once. You can simply sign in again.

    When: 15 November 2023, 01:13 (Türkiye time)
    From which network: 203.0.113.x
    With which device: Chrome, Android

    If you see anything in your account that was not you, change your password.

    Warm regards, Lezzetlimanı
    ==== new_device: A sign-in from a new device
    A sign-in from a new device

    Somebody signed in to your Lezzetlimanı account from a device that we have not seen before. If it was you, there is nothing to do.

    When: 15 November 2023, 01:13 (Türkiye time)
    From which network: 203.0.113.x
    With which device: Chrome, Android

    If it was not you, change your password at once; that ends every session.

    Warm regards, Lezzetlimanı
    ==== discount: Campaign: Lahmacunda %20 indirim
    Lahmacunda %20 indirim

    Yalnızca bugün!

    You get this mail because you agreed to hear about offers. Enjoy your meal!

    Unsubscribe from offers:
    http://localhost:8080/notification/unsubscribe?token=a.b

    Warm regards, Lezzetlimanı
    "#);
}

#[test]
fn the_html_of_a_letter_with_everything() {
    insta::assert_snapshot!(rendered(&messages()[0], Locale::Tr).html, @r#"
    <!doctype html>
    <html lang="tr">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light">
    <title>E-posta adresinizi doğrulayın</title>
    </head>
    <body style="margin:0;padding:0;background:#fbf6ee;color:#16323c;font:16px/1.6 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#fbf6ee">
    <tr><td align="center" style="padding:32px 16px">
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#fffdf9;border:1px solid #e5dbca;border-radius:14px">
    <tr><td style="padding:20px 32px;background:#0e4a59;border-radius:14px 14px 0 0;color:#fdf4e6;font-size:18px;font-weight:bold">Lezzetlimanı</td></tr>
    <tr><td style="padding:32px">
    <h1 style="margin:0 0 16px;font-size:24px;line-height:1.25">Aramıza hoş geldiniz!</h1>
    <p style="margin:0 0 24px">Lezzetlimanı’na kaydolduğunuz için teşekkür ederiz. Geriye tek bir adım kaldı: Bu adresin size ait olduğunu doğrulayın. Bağlantı 24 saat geçerlidir.</p>
    <p style="margin:0 0 24px"><a href="http://localhost:8080/auth/verify-email?token=tok-en" target="_blank" style="display:inline-block;padding:13px 28px;background:#f2a33c;border-radius:10px;color:#2b1a02;font-weight:bold;text-decoration:none">Adresimi doğrula</a></p>
    <p style="margin:0 0 24px;color:#55707a;font-size:14px;word-break:break-all">Düğme çalışmazsa bu adresi tarayıcınızda açın:<br><a href="http://localhost:8080/auth/verify-email?token=tok-en" target="_blank" style="color:#0b6478">http://localhost:8080/auth/verify-email?token=tok-en</a></p>
    <p style="margin:0 0 4px;font-size:14px"><strong>Ne zaman:</strong> 15 Kasım 2023, 01:13 (Türkiye saatiyle)</p>
    <p style="margin:0 0 4px;font-size:14px"><strong>Hangi ağdan:</strong> 203.0.113.x</p>
    <p style="margin:0 0 24px;font-size:14px"><strong>Hangi cihazla:</strong> Chrome, Android</p>
    <p style="margin:0 0 24px">Kaydolan siz değilseniz bu iletiyi silmeniz yeterli; adresinizle hesap açılmaz.</p>
    <p style="margin:0">Sevgiler, Lezzetlimanı</p>
    </td></tr>
    </table>
    </td></tr>
    </table>
    </body>
    </html>
    "#);
}

#[test]
fn both_parts_say_the_same() {
    for message in messages().into_iter().chain(messages_of_every_type()) {
        for locale in [Locale::Tr, Locale::En] {
            let Content { subject, text, html, unsubscribe, thread } = rendered(&message, locale);
            let shown = html.replace("&#38;", "&");

            assert!(html.contains(&format!("<title>{subject}</title>")), "{subject}");
            assert!(html.starts_with(&format!("<!doctype html>\n<html lang=\"{locale}\">")));
            for line in text.lines().filter(|line| !line.is_empty()) {
                let words = line.trim_end_matches(':').split(": ").last().unwrap();
                assert!(shown.contains(words), "{words:?} is missing in the HTML of {}", message.kind());
            }
            assert_eq!(unsubscribe.is_some(), message.class() == MailClass::Commercial);
            assert_eq!(thread.as_deref(), message.order().map(|order| order.order_id.as_str()));
        }
    }
}

#[test]
fn commercial_mail_says_what_its_reader_needs_to_know_and_who_sends_it() {
    let offer = Offer {
        restaurant: Some("Çıpa <Kebap>".to_owned()),
        code: Some("YAZ50".to_owned()),
        ends_at: Timestamp::from_timestamp(1_700_000_000, 0),
        ..Offer::default()
    };
    let message = MailMessage::Discount { title: "Yaz".to_owned(), description: "Yarı fiyatına".to_owned(), offer };
    let identity = SenderIdentity {
        title: "Örnek & Ortakları A.Ş.".to_owned(),
        mersis: "0123456789012345".to_owned(),
        contact: "iletisim@example.com".to_owned(),
    };
    let signed = |locale| with_identity(rendered(&message, locale), &identity, locale).unwrap();

    let (turkish, english) = (signed(Locale::Tr), signed(Locale::En));

    assert_eq!((turkish.subject.as_str(), english.subject.as_str()), ("Kampanya: Yaz", "Campaign: Yaz"));
    insta::assert_snapshot!(turkish.text, @r"
    Yaz

    Yarı fiyatına

    Restoran: Çıpa <Kebap>
    Kampanya kodu: YAZ50
    Son geçerlilik: 15 Kasım 2023, 01:13 (Türkiye saatiyle)

    Bu iletiyi, kampanyalardan haberdar olmayı kabul ettiğiniz için aldınız. Afiyet olsun!

    Kampanya iletilerini almak istemiyorum:
    http://localhost:8080/notification/unsubscribe?token=a.b

    Sevgiler, Lezzetlimanı

    Gönderen: Örnek & Ortakları A.Ş.
    MERSİS no: 0123456789012345
    İletişim: iletisim@example.com
    ");
    assert!(
        english.text.contains("Restaurant: Çıpa <Kebap>\nCode: YAZ50\nValid until: 15 November 2023, 01:13"),
        "{}",
        english.text
    );
    assert!(
        english.text.ends_with("\nMERSİS number: 0123456789012345\nContact: iletisim@example.com\n"),
        "{}",
        english.text
    );
    assert!(
        turkish.html.contains("Çıpa &#60;Kebap&#62;") && turkish.html.contains("Örnek &#38; Ortakları"),
        "{}",
        turkish.html
    );
    assert!(turkish.html.trim_end().ends_with("</p>\n</body>\n</html>"), "{}", turkish.html);
}

#[test]
fn a_message_that_leads_somewhere_has_a_button_and_no_other_has() {
    for message in messages_of_every_type() {
        for locale in [Locale::Tr, Locale::En] {
            let button = wording(&message, locale).button;
            assert_eq!(button.is_some(), message.link().is_some(), "{} in {locale}", message.kind());
        }
    }
}

#[test]
fn what_a_restaurant_writes_stays_text() {
    let title = "<script>alert(1)</script> & Co".to_owned();
    let message = MailMessage::Discount {
        title: title.clone(),
        description: "\" onload=\"x".to_owned(),
        offer: Offer::default(),
    };

    let Content { text, html, .. } = rendered(&message, Locale::Tr);

    assert!(text.contains(&title));
    assert!(!html.contains("<script") && !html.contains("\" onload=\""), "{html}");
}

#[test]
fn the_test_mail_is_rendered_in_both_languages() {
    for locale in [Locale::Tr, Locale::En] {
        assert!(render_test(locale).unwrap().text.contains("Lezzetlimanı"));
    }
}

#[test]
fn the_lines_of_a_description_are_paragraphs_in_text_and_html() {
    let description = "Yalnızca <bugün>!\r\n\r\nPaket servis.\nAfiyet olsun.\n".to_owned();

    let Content { text, html, subject, .. } =
        rendered(&MailMessage::Discount { title: "t".to_owned(), description, offer: Offer::default() }, Locale::Tr);

    assert!(text.contains("\n\nYalnızca <bugün>!\n\nPaket servis.\n\nAfiyet olsun.\n\n"), "{text}");
    assert_eq!(html.matches("<p style=\"margin:0 0 12px\">").count(), 2, "{html}");
    assert!(html.contains("<p style=\"margin:0 0 12px\">Yalnızca &#60;bugün&#62;!</p>"), "{html}");
    assert!(html.contains("<p style=\"margin:0 0 24px\">Afiyet olsun.</p>"), "{html}");
    assert!(!subject.contains('\n'));
}
