//! What a reader is shown of a security event.

use contracts::Locale;

use crate::model::security_event::SecurityEventKind as Kind;

/// One short sentence.
pub(super) fn event_text(kind: Kind, locale: Locale) -> &'static str {
    match kind {
        Kind::RegistrationAsked => locale.say("Bu adresle kayıt istendi", "Somebody registered this address"),
        Kind::VerificationAsked => locale.say("Doğrulama postası istendi", "A verification mail was asked for"),
        Kind::AccountCreated => locale.say("Hesap açıldı", "The account was made"),
        Kind::Login => locale.say("Giriş yapıldı", "A sign-in"),
        Kind::LoginRefused => locale.say("Giriş reddedildi", "A sign-in was refused"),
        Kind::Logout => locale.say("Çıkış yapıldı", "A session signed out"),
        Kind::LogoutAll => locale.say("Bütün oturumlar kapatıldı", "All sessions were ended"),
        Kind::SessionEnded => locale.say("Bir oturum kapatıldı", "A session was ended"),
        Kind::RefreshReused => {
            locale.say("Bir oturum iki yerde kullanıldı ve kapatıldı", "A session was used in two places, and ended")
        }
        Kind::PasswordResetAsked => locale.say("Yeni parola istendi", "A new password was asked for"),
        Kind::PasswordReset => locale.say("Parola posta ile yenilendi", "The password was chosen anew by mail"),
        Kind::PasswordChanged => locale.say("Parola değiştirildi", "The password was changed"),
        Kind::PasswordChangeRefused => {
            locale.say("Parola değişikliği reddedildi", "A change of the password was refused")
        }
        Kind::RoleChanged => locale.say("Yetki değiştirildi", "The role was changed"),
        Kind::Locked => locale.say("Hesap kilitlendi", "The account was locked"),
        Kind::Unlocked => locale.say("Hesabın kilidi açıldı", "The account was unlocked"),
        Kind::SignedOut => locale.say("Yönetici oturumları kapattı", "The operator ended all sessions"),
        Kind::KeysRotated => locale.say("İmza anahtarı değişti", "The signing key was replaced"),
    }
}
