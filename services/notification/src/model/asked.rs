//! When, from where and with what a mail was caused, in words that a reader recognises.
//!
//! Who causes a mail to somebody else's address also chooses what stands here, so nothing of it is repeated as it came:
//! networks are parsed, and devices become names out of a list. No stranger writes a sentence or a link into our mails.

use contracts::{Asked, Locale};
use ipnet::IpNet;
use kit::local_time;

/// One line of what is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

/// What is known, in `locale`.
pub(crate) fn facts(asked: &Asked, locale: Locale) -> Vec<Fact> {
    let (when, from, with) = match locale {
        Locale::Tr => ("Ne zaman", "Hangi ağdan", "Hangi cihazla"),
        Locale::En => ("When", "From which network", "With which device"),
    };
    let known = [
        (when, asked.asked_at.map(|at| local_time(at, locale))),
        (from, asked.asked_from.as_deref().and_then(network)),
        (with, asked.asked_with.as_deref().and_then(device)),
    ];
    known.into_iter().filter_map(|(label, value)| Some(Fact { label, value: value? })).collect()
}

/// `203.0.113.x` of `203.0.113.0/24`.
fn network(network: &str) -> Option<String> {
    match network.parse::<IpNet>().ok()? {
        IpNet::V4(v4) if v4.prefix_len() == 24 => {
            let [a, b, c, _] = v4.network().octets();
            Some(format!("{a}.{b}.{c}.x"))
        }
        network @ (IpNet::V4(_) | IpNet::V6(_)) => Some(network.to_string()),
    }
}

/// Words of a `User-Agent`, the specific ones first: Edge also calls itself Chrome, and Chrome calls itself Safari.
const BROWSERS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// `Chrome, Android`, or nothing when neither is known.
fn device(user_agent: &str) -> Option<String> {
    let name =
        |list: &[(&str, &'static str)]| list.iter().find(|(word, _)| user_agent.contains(word)).map(|(_, name)| *name);
    let names: Vec<&str> = [name(&BROWSERS), name(&SYSTEMS)].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(asked: &Asked) -> Vec<String> {
        facts(asked, Locale::Tr).into_iter().map(|fact| fact.value).collect()
    }

    #[test]
    fn devices_are_named() {
        let chrome =
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Mobile Safari/537.36";
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0";

        assert_eq!(device(chrome).as_deref(), Some("Chrome, Android"));
        assert_eq!(device(safari).as_deref(), Some("Safari, iPhone"));
        assert_eq!(device(edge).as_deref(), Some("Edge, Windows"));
        assert_eq!(device("curl/8.5.0").as_deref(), Some("curl"));
    }

    #[test]
    fn a_strangers_words_do_not_reach_a_mail() {
        let asked = Asked {
            asked_at: None,
            asked_from: Some("You won! https://evil.example".to_owned()),
            asked_with: Some("You won! https://evil.example".to_owned()),
        };

        assert_eq!(values(&asked), Vec::<String>::new());
    }

    #[test]
    fn networks_are_named_without_their_last_part() {
        assert_eq!(network("203.0.113.0/24").as_deref(), Some("203.0.113.x"));
        assert_eq!(network("2001:db8:1:2::/64").as_deref(), Some("2001:db8:1:2::/64"));
    }
}
