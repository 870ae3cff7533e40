//! What a reader agrees to who agrees to commercial mail. An answer is kept with the version of the text, which proves nothing if
//! two texts have the same one: whoever changes a word of it changes [`VERSION`], too.

use contracts::Locale;

/// Names the text below.
pub(super) const VERSION: &str = "2026-11";

/// The text itself.
pub(super) fn consent_text(locale: Locale) -> &'static str {
    locale.say(
        "Favorilerime eklediğim restoranların ve mutfakların kampanyalarının Lezzetlimanı tarafından e-posta adresime \
         gönderilmesini kabul ediyorum. Onayımı istediğim an bu sayfadan ya da gelen e-postalardaki bağlantıyla ücretsiz geri \
         alabilirim. Sipariş ve hesap güvenliğiyle ilgili e-postalar bu onaya bağlı değildir.",
        "I agree that Lezzetlimanı sends campaigns of the restaurants and cuisines among my favourites to my e-mail address. I can \
         withdraw this at any time and free of charge, on this page or by the link in each mail. Mails about orders and the \
         security of my account do not depend on it.",
    )
}
