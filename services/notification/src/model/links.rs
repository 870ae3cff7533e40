//! Where the links in mails lead.

use std::fmt::Write;

use contracts::MailLink;

/// The addresses that links start with, without a slash at their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Where a reader's browser reaches this platform.
    pub public_url: String,
    /// Where it reaches a front end with pages of its own for the links; `None` leads to our pages.
    pub front_end: Option<String>,
}

impl Links {
    pub(crate) fn of_button(&self, to: MailLink<'_>) -> String {
        match to {
            MailLink::VerifyEmail(token) => {
                let base = self.front_end.as_ref().unwrap_or(&self.public_url);
                link(base, "/auth/verify-email", token.expose())
            }
            MailLink::ResetPassword(token) => match &self.front_end {
                Some(base) => link(base, "/reset-password", token.expose()),
                None => link(&self.public_url, "/auth/reset-password", token.expose()),
            },
        }
    }

    /// Always ours: the mail provider posts to it on its reader's behalf.
    pub(crate) fn unsubscribe(&self, token: &str) -> String {
        link(&self.public_url, "/notification/unsubscribe", token)
    }
}

fn link(base: &str, path: &str, token: &str) -> String {
    let mut link = format!("{}{path}?token=", base.trim_end_matches('/'));
    for byte in token.bytes() {
        match byte {
            // The unreserved characters of RFC 3986, section 2.3.
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => link.push(byte.into()),
            _ => write!(link, "%{byte:02X}").expect("a String takes all that is written"),
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use contracts::Secret;

    use super::*;

    fn verify_email(links: &Links, token: &str) -> String {
        links.of_button(MailLink::VerifyEmail(&Secret::new(token)))
    }

    fn reset_password(links: &Links, token: &str) -> String {
        links.of_button(MailLink::ResetPassword(&Secret::new(token)))
    }

    #[test]
    fn links_lead_to_our_pages() {
        let links = Links { public_url: "http://localhost:8080".to_owned(), front_end: None };

        assert_eq!(verify_email(&links, "t"), "http://localhost:8080/auth/verify-email?token=t");
        assert_eq!(reset_password(&links, "t"), "http://localhost:8080/auth/reset-password?token=t");
    }

    #[test]
    fn links_lead_to_the_front_end_when_there_is_one() {
        let front_end = Some("https://lezzetlimani.site/".to_owned());
        let links = Links { public_url: "https://api.lezzetlimani.site".to_owned(), front_end };

        assert_eq!(verify_email(&links, "t"), "https://lezzetlimani.site/auth/verify-email?token=t");
        assert_eq!(reset_password(&links, "t"), "https://lezzetlimani.site/reset-password?token=t");
        assert_eq!(links.unsubscribe("t"), "https://api.lezzetlimani.site/notification/unsubscribe?token=t");
    }

    #[test]
    fn a_token_cannot_leave_its_parameter() {
        let links = Links { public_url: "http://localhost".to_owned(), front_end: None };

        assert_eq!(
            verify_email(&links, "a&b #\"<ş"),
            "http://localhost/auth/verify-email?token=a%26b%20%23%22%3C%C5%9F"
        );
    }
}
