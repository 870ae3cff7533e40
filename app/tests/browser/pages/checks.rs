//! What is asked of a page that a browser shows. Each check answers with what is wrong.

use serde_json::{Value, json};

use crate::support::{Browser, View};

/// What asks most of it: <https://github.com/dequelabs/axe-core>, which `npm ci` in `app/tests/browser/axe` installs.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/axe/node_modules/axe-core/axe.min.js");

/// The narrowest window that pages are made for: a desk at 400 % (WCAG 2.2, 1.4.10).
const NARROWEST: u32 = 320;
/// Presses of Tab after which a page has no end.
const MOST_TABS: usize = 400;

const ASK_AXE: &str = "const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations', 'incomplete'] }).then(
      ({ violations, incomplete }) => {
        // What it can't compute, over gradients and pictures, the table of the stylesheet's colours is asked for.
        const doubts = incomplete.filter(({ id }) => id !== 'color-contrast');
        const said = ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target).join(' ; ')}`;
        done([...violations.map(said), ...doubts.map((doubt) => `in doubt: ${said(doubt)}`)]);
      },
      (error) => done([`axe failed: ${error}`]),
    );";

/// All that can be asked of the page as it stands.
pub(super) async fn all(browser: &Browser, view: View) -> Vec<String> {
    let mut faults = texts(browser.run(include_str!("structure.js"), &[json!(view.language.code())]).await);
    let axe = std::fs::read_to_string(AXE).expect("axe-core is installed: npm ci --prefix app/tests/browser/axe");
    browser.run(&axe, &[]).await;
    faults.extend(texts(browser.run_later(ASK_AXE, &[]).await));
    faults.extend(overflow(browser, view).await);
    faults
}

/// Whether it has to be scrolled sideways: as it is; on a phone, in the narrowest window; at a desk, with letters twice as large.
async fn overflow(browser: &Browser, view: View) -> Vec<String> {
    let wide = include_str!("overflow.js");
    let mut faults = texts(browser.run(wide, &[json!("100%")]).await);
    if view.width < 700 {
        browser.resize(NARROWEST, 800).await;
        faults.extend(texts(browser.run(wide, &[json!("100%")]).await));
        browser.resize(view.width, 800).await;
    } else {
        faults.extend(texts(browser.run(wide, &[json!("200%")]).await));
    }
    browser.run("document.documentElement.style.fontSize = ''", &[]).await;
    faults
}

/// Walks from the beginning to the end by Tab: in the order of the page, and nothing that has the focus is hidden.
pub(super) async fn keyboard(browser: &Browser) -> Vec<String> {
    let mut faults = Vec::new();
    browser.run("window.walked = []; scrollTo(0, 0)", &[]).await;
    for _ in 0..MOST_TABS {
        browser.tab().await;
        match browser.run_later(include_str!("focus.js"), &[]).await {
            Value::Null => return faults,
            Value::String(fault) if fault.is_empty() => {}
            Value::String(fault) => faults.push(fault),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => panic!("{other}"),
        }
    }
    faults.push(format!("no end after {MOST_TABS} presses of Tab"));
    faults
}

pub(super) fn texts(found: Value) -> Vec<String> {
    serde_json::from_value(found).unwrap()
}
