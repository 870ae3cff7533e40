//! A message as its reader gets it: subject, text and HTML, out of its wording, one layout each and the links.

use askama::Template;
use contracts::{Locale, MailMessage, Offer};
use kit::{offer_facts, offer_label};
use serde::{Deserialize, Serialize};

use super::asked::{self, Fact};
use super::wording::{self, Frame, Wording};
use super::{Links, SenderIdentity, order_facts};

/// A rendered mail. It may hold a token, so it is sealed wherever it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// The link with which one click ends commercial mail; only in such mail.
    pub(crate) unsubscribe: Option<String>,
    /// What all mails have in common that are shown together. Mails of before there were such have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) thread: Option<String>,
}

/// Renders `message`, whose variables have been checked. `unsubscribe` is for commercial mail, which must offer it.
pub(crate) fn render(
    message: &MailMessage,
    locale: Locale,
    links: &Links,
    unsubscribe: Option<String>,
) -> askama::Result<Content> {
    let wording = wording::wording(message, locale);
    let facts = match (message.asked(), message.order(), message.offer()) {
        (Some(asked), ..) => asked::facts(asked, locale),
        (None, Some(order), _) => order_facts::facts(order, locale),
        (None, None, Some(offer)) => facts_of_offer(offer, locale),
        (None, None, None) => Vec::new(),
    };
    let label = message.offer().map(|_| offer_label(locale));
    let button = wording.button.zip(message.link()).map(|(label, to)| Button { label, link: links.of_button(to) });
    let thread = message.order().map(|order| order.order_id.clone());
    lay_out(&Page { label, facts, button, unsubscribe, thread, ..Page::of(wording, locale) })
}

fn facts_of_offer(offer: &Offer, locale: Locale) -> Vec<Fact> {
    offer_facts(offer, locale).into_iter().map(|(label, value)| Fact { label, value }).collect()
}

/// `content` with who sends it at its end, as commercial mail has to say.
pub(crate) fn with_identity(content: Content, identity: &SenderIdentity, locale: Locale) -> askama::Result<Content> {
    let lines = wording::identity(identity, locale);
    let shown = IdentityLayout { lines: &lines }.render()?;
    // What others wrote is escaped, so the last one is ours.
    let html = match content.html.rsplit_once("</body>") {
        Some((before, after)) => format!("{before}{shown}\n</body>{after}"),
        None => format!("{}{shown}", content.html),
    };
    let text = format!("{}\n\n{}\n", content.text.trim_end(), lines.join("\n"));
    Ok(Content { text, html, ..content })
}

/// Renders the mail with which an operator tries the settings.
pub(crate) fn render_test(locale: Locale) -> askama::Result<Content> {
    lay_out(&Page::of(wording::test_wording(locale), locale))
}

fn lay_out(page: &Page<'_>) -> askama::Result<Content> {
    Ok(Content {
        subject: page.subject(),
        text: TextLayout { page }.render()?,
        html: HtmlLayout { page }.render()?,
        unsubscribe: page.unsubscribe.clone(),
        thread: page.thread.clone(),
    })
}

/// What both layouts show.
struct Page<'a> {
    locale: Locale,
    /// Stands before the subject.
    label: Option<&'static str>,
    wording: Wording<'a>,
    frame: Frame,
    button: Option<Button>,
    facts: Vec<Fact>,
    unsubscribe: Option<String>,
    thread: Option<String>,
}

struct Button {
    label: &'static str,
    link: String,
}

impl Page<'_> {
    fn subject(&self) -> String {
        let subject = self.wording.subject;
        self.label.map_or_else(|| subject.to_owned(), |label| format!("{label}: {subject}"))
    }

    /// The lines of the text, of which each is a paragraph.
    fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.wording.text.lines().map(str::trim).filter(|line| !line.is_empty())
    }
}

impl<'a> Page<'a> {
    fn of(wording: Wording<'a>, locale: Locale) -> Self {
        let frame = wording::frame(locale);
        let (label, button, unsubscribe, thread) = (None, None, None, None);
        Self { locale, label, wording, frame, button, facts: Vec::new(), unsubscribe, thread }
    }
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct TextLayout<'a> {
    page: &'a Page<'a>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlLayout<'a> {
    page: &'a Page<'a>,
}

#[derive(Template)]
#[template(path = "identity.html")]
struct IdentityLayout<'a> {
    lines: &'a [String],
}
