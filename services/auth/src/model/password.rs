//! Passwords as people type them: normalised, bounded, never printed, wiped from memory.
//!
//! [`Password`] is one that may be chosen and obeys the platform's policy; [`TypedPassword`] is one that must merely be
//! compared, whatever policy was in force when it was chosen.

use std::fmt;

use contracts::EmailAddress;
use kit::{Fault, FieldValue, Text};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Unicode characters of the shortest password.
const SHORTEST: usize = 8;
/// Unicode characters of the longest password.
const LONGEST: usize = 256;
/// A shorter local part of an address is in many passwords by chance.
const CHARACTERISTIC_LOCAL_PART: usize = 4;

/// Passwords that attackers try first, one a line, in ASCII lower case and in the order of their bytes: those of eight
/// characters or more of the frequency list of zxcvbn (MIT licence), and those that are common in Türkiye.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password that may be chosen: 8 to 256 Unicode characters in NFC, without control characters, and not a common one.
#[derive(Clone)]
pub(crate) struct Password(Zeroizing<String>);

/// Text that was typed where a password is asked for.
#[derive(Clone)]
pub(crate) struct TypedPassword(Zeroizing<String>);

impl Password {
    /// Refuses to be the password of `email` if it holds the address: that is the first that a stranger tries. `field` is
    /// the one at fault.
    pub(crate) fn check_against(&self, field: &'static str, email: &EmailAddress) -> Result<(), Fault> {
        if self.contains_email(email) {
            return Err(Fault::new(field, "PASSWORD_CONTAINS_EMAIL", CONTAINS_EMAIL));
        }
        Ok(())
    }

    /// Whether it holds the address, or the part before the `@` if that has four characters or more.
    fn contains_email(&self, email: &EmailAddress) -> bool {
        let local_part = email.local_part();
        let gives_away = |password: &str| {
            password.contains(email.as_str())
                || (local_part.len() >= CHARACTERISTIC_LOCAL_PART && password.contains(local_part))
        };
        in_lower_case(&self.0).iter().any(|password| gives_away(password))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FieldValue for Password {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let password = normalise(raw);
        let length = password.chars().count();
        if length > LONGEST {
            return Err(("PASSWORD_TOO_LONG", TOO_LONG));
        }
        if password.chars().any(char::is_control) {
            return Err(("PASSWORD_HAS_CONTROL_CHARACTERS", HAS_CONTROL_CHARACTERS));
        }
        if length < SHORTEST {
            return Err(("PASSWORD_TOO_SHORT", TOO_SHORT));
        }
        if is_common(&password) {
            return Err(("PASSWORD_TOO_COMMON", TOO_COMMON));
        }
        Ok(Self(password))
    }
}

const TOO_SHORT: Text =
    Text::new("Parola en az 8 karakter olmalıdır.", "The password must have at least 8 characters.");
const TOO_LONG: Text =
    Text::new("Parola en fazla 256 karakter olabilir.", "The password must have at most 256 characters.");
const TOO_COMMON: Text =
    Text::new("Bu parola çok yaygın; başka bir parola seçin.", "This password is too common; choose another one.");
const CONTAINS_EMAIL: Text =
    Text::new("Parola e-posta adresini içeremez.", "The password must not contain the e-mail address.");
const HAS_CONTROL_CHARACTERS: Text =
    Text::new("Parola denetim karakteri içeremez.", "The password must not contain control characters.");

impl TypedPassword {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FieldValue for TypedPassword {
    type Raw = String;

    /// Takes any text. A text that is longer than any password keeps one character too many, and so stays wrong.
    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(Self(normalise(raw)))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPassword(…)")
    }
}

/// NFC, so that `ş` is one character however the keyboard composed it; at most one character more than [`LONGEST`].
fn normalise(raw: String) -> Zeroizing<String> {
    let raw = Zeroizing::new(raw);
    // Room for all of it at once: a string that grows leaves copies behind that nobody wipes.
    let mut normal = Zeroizing::new(String::with_capacity((LONGEST + 1) * char::MAX.len_utf8()));
    normal.extend(raw.nfc().take(LONGEST + 1));
    normal
}

/// A look at some thousand lines costs far less than the hash that follows.
fn is_common(password: &str) -> bool {
    let password = in_lower_case(password);
    COMMON.lines().any(|common| password.iter().any(|password| common == password.as_str()))
}

/// In lower case as most of the world writes it, and as Turkish does: there `I` is the capital of `ı`. `İ` is the capital of
/// `i` in both, without the dot that Unicode puts above it.
fn in_lower_case(password: &str) -> [Zeroizing<String>; 2] {
    ['i', 'ı'].map(|undotted| {
        let mut lower = Zeroizing::new(String::with_capacity((LONGEST + 1) * char::MAX.len_utf8()));
        for letter in password.chars() {
            match letter {
                'I' => lower.push(undotted),
                'İ' => lower.push('i'),
                other => lower.extend(other.to_lowercase()),
            }
        }
        lower
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(typed: &str) -> Option<&'static str> {
        Password::parse(typed.to_owned()).err().map(|(code, _)| code)
    }

    #[test]
    fn a_password_has_eight_to_256_unicode_characters() {
        for typed in ["kırmızı4", &"ş".repeat(72), &"a".repeat(73), &"ş".repeat(256)] {
            assert_eq!(fault(typed), None, "{typed}");
        }
        assert_eq!(fault(""), Some("PASSWORD_TOO_SHORT"));
        assert_eq!(fault("kırmızı"), Some("PASSWORD_TOO_SHORT"));
        assert_eq!(fault(&"ş".repeat(257)), Some("PASSWORD_TOO_LONG"));
        assert_eq!(fault(&"a".repeat(2_000_000)), Some("PASSWORD_TOO_LONG"));
    }

    #[test]
    fn characters_count_as_they_are_composed() {
        let seven_decomposed = "s\u{327}".repeat(7);
        let composed = Password::parse("ş".repeat(8)).unwrap();
        let decomposed = Password::parse("s\u{327}".repeat(8)).unwrap();

        assert_eq!(fault(&seven_decomposed), Some("PASSWORD_TOO_SHORT"));
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn control_characters_are_refused() {
        for typed in ["gizli\0kelime", "gizli\nkelime", "gizli\u{85}kelime", "\u{7f}"] {
            assert_eq!(fault(typed), Some("PASSWORD_HAS_CONTROL_CHARACTERS"), "{typed:?}");
        }
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for typed in [
            "12345678",
            "password1",
            "PassWord1",
            "galatasaray",
            "Fenerbahce",
            "fenerbahçe",
            "besiktas",
            "beşiktaş",
            "trabzonspor",
            "istanbul34",
            "sifre123",
            "parola123",
            "qwertyuiop",
            "FENERBAHÇE",
            "BEŞİKTAŞ",
            "BENİMŞİFREM",
            "ŞİFRE123",
            "SIFRE123",
            "Istanbul34",
            "İSTANBUL34",
        ] {
            assert_eq!(fault(typed), Some("PASSWORD_TOO_COMMON"), "{typed}");
        }
        assert_eq!(fault("galatasaray ve lahmacun"), None);
    }

    #[test]
    fn the_list_of_common_passwords_is_sorted_and_holds_nothing_that_is_refused_anyway() {
        let lines: Vec<_> = COMMON.lines().collect();

        assert!(lines.is_sorted_by(|one, next| one < next), "sorted by bytes, without doubles");
        assert!(lines.len() >= 1_000);
        for line in lines {
            assert!(line.chars().count() >= SHORTEST, "{line}");
            assert_eq!(line, line.nfc().collect::<String>().to_ascii_lowercase());
        }
    }

    #[test]
    fn the_address_is_found_whole_or_by_a_characteristic_local_part() {
        let contains = |password: &str, email: &str| {
            Password::parse(password.to_owned()).unwrap().contains_email(&email.parse().unwrap())
        };

        assert!(contains("x-Ayse@Example.com-x", "ayse@example.com"));
        assert!(contains("benimAYSE2024", "ayse@example.com"));
        assert!(contains("benimALİYE2024", "aliye@example.com"));
        assert!(contains("xx ali@example.com", "ali@example.com"));
        assert!(!contains("kalite1923", "ali@example.com"));
        assert!(!contains("bambaşka bir söz", "ayse@example.com"));
    }

    #[test]
    fn typed_text_is_compared_in_nfc_and_bounded() {
        let typed = |text: &str| TypedPassword::parse(text.to_owned()).unwrap();

        assert_eq!(typed("s\u{327}").as_bytes(), "ş".as_bytes());
        assert_eq!(typed("").as_bytes(), b"");
        assert_eq!(typed(&"a".repeat(256)).as_bytes().len(), 256);
        assert_eq!(typed(&"a".repeat(2_000_000)).as_bytes().len(), 257);
    }

    #[test]
    fn a_password_is_not_printed() {
        let chosen = Password::parse("gizli kelime".to_owned()).unwrap();
        let typed = TypedPassword::parse("gizli kelime".to_owned()).unwrap();

        assert_eq!(format!("{chosen:?} {typed:?}"), "Password(…) TypedPassword(…)");
    }
}
