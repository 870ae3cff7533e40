//! HTML of ours, taken apart as far as tests ask for its tags, and what the policy of pages forbids in it.

/// The beginning of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// What element it begins.
    pub name: &'a str,
    attributes: Vec<(&'a str, Option<&'a str>)>,
}

/// Attributes whose value is an address that a browser loads, sends to or goes to.
const ADDRESSES: [&str; 10] =
    ["action", "cite", "data", "formaction", "href", "ping", "poster", "src", "srcset", "xlink:href"];
/// Elements that no page has: those by which it would style itself, load a program, or move all its addresses.
const ELEMENTS: [&str; 4] = ["base", "embed", "object", "style"];

impl<'a> Tag<'a> {
    /// The tag that `text` begins with, right behind its `<`, and what stands behind it.
    fn read(text: &'a str) -> (Self, &'a str) {
        let (name, mut rest) = split_where(text, |c| c.is_whitespace() || matches!(c, '/' | '>'));
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() || rest.starts_with('>') {
                return (Self { name, attributes }, rest);
            }
            let (attribute, behind) = split_where(rest, |c| c.is_whitespace() || matches!(c, '=' | '>' | '/'));
            let (value, behind) = behind.strip_prefix('=').map_or((None, behind), |value| {
                let (value, behind) = read_value(value);
                (Some(value), behind)
            });
            attributes.push((attribute, value));
            rest = behind;
        }
    }

    /// The value of an attribute as it stands there; empty where it has none, and `None` where there is no such attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.unwrap_or_default())
    }

    fn faults(&self) -> impl Iterator<Item = String> {
        let is_inline = self.name == "script" && self.attribute("src").is_none();
        let of_element = is_inline || ELEMENTS.contains(&self.name);
        let of_element = of_element.then(|| format!("<{}>", self.name));
        let forbidden = self.attributes.iter().filter(|(name, value)| {
            let leads_away = ADDRESSES.contains(name) && value.is_some_and(is_foreign);
            *name == "style" || name.starts_with("on") || leads_away
        });
        let of_attributes =
            forbidden.map(|(name, value)| format!("<{} {name}=\"{}\">", self.name, value.unwrap_or("")));
        of_element.into_iter().chain(of_attributes.collect::<Vec<_>>())
    }
}

/// The beginnings of all elements in `html`, in their order.
#[must_use]
pub fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, behind)) = rest.split_once('<') {
        rest = behind;
        if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (tag, behind) = Tag::read(rest);
            tags.push(tag);
            rest = behind;
        }
    }
    tags
}

/// What in `html` the policy of pages forbids, so that no browser would run, show or load it: script and styles that stand in
/// the page itself, and what leads to another host.
#[must_use]
pub fn policy_faults(html: &str) -> Vec<String> {
    tags(html).iter().flat_map(Tag::faults).collect()
}

/// Names a host, or a scheme that no page needs.
fn is_foreign(address: &str) -> bool {
    let (beginning, rest) = split_where(address, |c| matches!(c, ':' | '/' | '?' | '#'));
    rest.starts_with(':') && !beginning.is_empty() || address.starts_with("//") || address.starts_with('\\')
}

fn read_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(value) = text.strip_prefix(quote) {
            return value.split_once(quote).unwrap_or((value, ""));
        }
    }
    split_where(text, |c| c.is_whitespace() || c == '>')
}

fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_their_attributes() {
        let html = "<!doctype html><p>1 < 2</p><form method=\"post\" action='/a?b=>'><input disabled name=a value=b>\n<br/></form>";

        let tags = tags(html);

        assert_eq!(tags.iter().map(|tag| tag.name).collect::<Vec<_>>(), ["p", "form", "input", "br"]);
        assert_eq!((tags[1].attribute("method"), tags[1].attribute("action")), (Some("post"), Some("/a?b=>")));
        assert_eq!((tags[2].attribute("disabled"), tags[2].attribute("value")), (Some(""), Some("b")));
        assert_eq!(tags[2].attribute("id"), None);
    }

    #[test]
    fn what_the_policy_forbids_is_named() {
        for (html, fault) in [
            ("<script>alert(1)</script>", "<script>"),
            ("<style>p{}</style>", "<style>"),
            ("<p style=\"color:red\">", "<p style=\"color:red\">"),
            ("<button\nonclick=\"go()\">", "<button onclick=\"go()\">"),
            ("<img src=\"https://cdn.example/a.png\">", "<img src=\"https://cdn.example/a.png\">"),
            ("<a href='//cdn.example'>", "<a href=\"//cdn.example\">"),
            ("<a href=javascript:go()>", "<a href=\"javascript:go()\">"),
            ("<img src=\"data:image/png;base64,\">", "<img src=\"data:image/png;base64,\">"),
            ("<base href=\"/a\">", "<base>"),
        ] {
            assert_eq!(policy_faults(html), [fault], "{html}");
        }
    }

    #[test]
    fn what_is_ours_and_in_a_file_is_allowed() {
        for html in [
            "<script type=\"module\" src=\"/assets/site.js\"></script>",
            "<a href=\"/sepet?donus=https://a\">style=\"x\" onclick=\"y\"</a>",
            "<a href=\"#icerik\">",
            "<a href=\"?q=a:b\">",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><use href=\"/assets/icons.svg#a\"/></svg>",
            "<form method=\"post\" action=\"/giris\">",
        ] {
            assert_eq!(policy_faults(html), Vec::<String>::new(), "{html}");
        }
    }
}
