//! No form of another origin is taken, whichever page it is sent to and however its browser says where it comes from.

use lezzetlimani::telemetry::count_nothing;
use reqwest::{Method, StatusCode};

use super::world::{PageRoute, Who, World, show};
use crate::support::Platform;

/// Where a form comes from, as browsers say it of a platform at `{scheme}://liman.example.com`.
struct Sender {
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    /// By which of them a form from there is our own.
    ours_by: &'static [&'static str],
}

const ALWAYS: &[&str] = &["http", "https"];
const NEVER: &[&str] = &[];

const SENDERS: [Sender; 11] = [
    Sender {
        name: "our own page",
        headers: &[("sec-fetch-site", "same-origin"), ("origin", "{scheme}://liman.example.com")],
        ours_by: ALWAYS,
    },
    Sender {
        name: "our own page, in a browser that sends no Sec-Fetch-Site",
        headers: &[("origin", "{scheme}://liman.example.com")],
        ours_by: ALWAYS,
    },
    // It has no cookie of any browser.
    Sender { name: "a program", headers: &[], ours_by: ALWAYS },
    // The address bar, or a bookmark.
    Sender { name: "the reader", headers: &[("sec-fetch-site", "none")], ours_by: ALWAYS },
    Sender {
        name: "another port of our host",
        headers: &[("sec-fetch-site", "same-site"), ("origin", "{scheme}://liman.example.com:5173")],
        ours_by: NEVER,
    },
    Sender {
        name: "another port of our host, in a browser that sends no Sec-Fetch-Site",
        headers: &[("origin", "{scheme}://liman.example.com:5173")],
        ours_by: NEVER,
    },
    Sender {
        name: "another host of our site",
        headers: &[("sec-fetch-site", "same-site"), ("origin", "{scheme}://blog.example.com")],
        ours_by: NEVER,
    },
    Sender {
        name: "another site",
        headers: &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        ours_by: NEVER,
    },
    Sender {
        name: "another site, in a browser that sends no Sec-Fetch-Site",
        headers: &[("origin", "https://evil.example")],
        ours_by: NEVER,
    },
    Sender {
        // Whoever is on the wire writes such a page.
        name: "our host without TLS, in a browser that sends no Sec-Fetch-Site",
        headers: &[("origin", "http://liman.example.com")],
        ours_by: &["http"],
    },
    Sender { name: "a page that hides its origin", headers: &[("origin", "null")], ours_by: NEVER },
];

/// How browsers reach the platform, and what the name of their cookies begins with.
const REACHED: [(&str, &str); 2] = [("http", ""), ("https", "__Host-")];

/// The status that `who` is answered, and whether the answer says that the form came from elsewhere.
async fn send(
    world: &World,
    (scheme, prefix): (&str, &str),
    who: Who,
    path: &str,
    sender: &Sender,
) -> (StatusCode, bool) {
    let request = world.ask_as(who, Method::POST, path, prefix).header("host", "liman.example.com");
    let headers = sender.headers.iter().map(|(name, value)| (*name, value.replace("{scheme}", scheme)));
    let shown = show(headers.fold(request, |request, (name, value)| request.header(name, value))).await;
    (shown.status, shown.text.contains("başka bir siteden"))
}

#[tokio::test]
async fn no_page_takes_a_form_of_another_origin() {
    for reached in REACHED {
        let public_url = format!("{}://liman.example.com", reached.0);
        let world =
            World::open(Platform::start_set(&[("PUBLIC_URL", public_url.as_str())], count_nothing()).await).await;
        let routes = world.routes().await;
        let forms: Vec<&PageRoute> = routes.iter().filter(|route| route.method == "POST").collect();
        let (ours, foreign): (Vec<_>, Vec<_>) = SENDERS.iter().partition(|sender| sender.ours_by.contains(&reached.0));
        assert!(forms.len() > 50, "{}", forms.len());
        let signed_in =
            async || show(world.ask_as(Who::Diner, Method::GET, "/guvenlik", reached.1)).await.status == StatusCode::OK;
        assert!(signed_in().await);

        for route in &forms {
            let path = route.plain();
            for sender in &foreign {
                let refused = send(&world, reached, Who::Diner, &path, sender).await;
                assert_eq!(refused, (StatusCode::FORBIDDEN, true), "{} to {path} by {public_url}", sender.name);
            }
        }
        // Signing out, and ending all sessions, were among them.
        assert!(signed_in().await);
        for route in &forms {
            let path = route.plain();
            for sender in &ours {
                let (status, is_foreign) = send(&world, reached, Who::Stranger, &path, sender).await;
                assert!(status != StatusCode::FORBIDDEN && !is_foreign, "{} to {path}: {status}", sender.name);
                assert!(!status.is_server_error(), "{} to {path}: {status}", sender.name);
            }
        }
    }
}

/// A link of another site opens a page, and nothing else of another site reads one.
#[tokio::test]
async fn a_page_is_opened_from_elsewhere_and_read_from_nowhere_else() {
    let world = World::open(Platform::start().await).await;
    let pages = world.routes().await.into_iter().filter(|route| route.method == "GET");
    let readers: [(&[(&str, &str)], bool); 5] = [
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], true),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")], true),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")], false),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], false),
        (&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")], false),
    ];

    for page in pages {
        for (headers, may_read) in readers {
            let request = world.ask(Who::Diner, Method::GET, &page.plain());
            let shown =
                show(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await;
            assert_eq!(shown.status != StatusCode::FORBIDDEN, may_read, "{} {headers:?}", page.path);
        }
    }
}
