//! A browser, used as its reader does: by what a page shows.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clock::Sources;
use serde_json::{Value, json};
use testkit::{ChromeDriver, TIMEOUT, at_last};
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, Key, TypingData, WebDriver};

use super::{Account, Script, View};

/// Where pictures are left to be seen.
const PICTURES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/../pictures");
/// The pause between two looks at a page.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// A page of which no more is taken: pixels.
const LONGEST: u64 = 6000;
/// Presses of Tab after which nobody goes on looking.
const MOST_TABS: usize = 150;

/// A window of a browser with a jar of its own.
pub(crate) struct Browser {
    web: WebDriver,
    base: String,
    clicks: AtomicU32,
    keys: AtomicU32,
    _driver: ChromeDriver,
}

impl Browser {
    /// A new one, before the platform at `base`.
    pub(crate) async fn start(base: &str) -> Self {
        let driver = ChromeDriver::start().await.unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        for flag in ChromeDriver::FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        let web = WebDriver::new(driver.url(), wanted).await.unwrap();
        Self { web, base: base.to_owned(), clicks: AtomicU32::new(0), keys: AtomicU32::new(0), _driver: driver }
    }

    pub(crate) async fn close(self) {
        self.web.quit().await.unwrap();
    }

    /// How often something was pressed.
    pub(crate) fn clicks(&self) -> u32 {
        self.clicks.load(Ordering::Relaxed)
    }

    /// How often a key was pressed. A text that was typed counts as one.
    pub(crate) fn keys(&self) -> u32 {
        self.keys.load(Ordering::Relaxed)
    }

    pub(crate) async fn open(&self, path: &str) {
        self.open_elsewhere(&format!("{}{path}", self.base)).await;
    }

    /// Opens a page of another origin.
    pub(crate) async fn open_elsewhere(&self, url: &str) {
        self.web.goto(url).await.unwrap();
    }

    /// Opens so many tabs of the page at `path` at once.
    pub(crate) async fn open_tabs(&self, path: &str, count: usize) {
        let opened = "for (let tab = 0; tab < arguments[1]; tab += 1) open(arguments[0])";
        self.run(opened, &[json!(path), json!(count)]).await;
    }

    /// The titles of all tabs, once each has its page.
    pub(crate) async fn titles(&self) -> Vec<String> {
        let mut titles = Vec::new();
        for tab in self.web.windows().await.unwrap() {
            self.web.switch_to_window(tab).await.unwrap();
            let title =
                at_last("a tab has its page", async || self.web.title().await.ok().filter(|title| !title.is_empty()));
            titles.push(title.await);
        }
        titles
    }

    /// Path and query of the page that is shown.
    pub(crate) async fn path(&self) -> String {
        let url = self.web.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.base).unwrap_or(url.as_str()).to_owned()
    }

    /// Returns once the page at a path that begins like this is shown.
    pub(crate) async fn is_at(&self, beginning: &str) {
        at_last(&format!("{beginning} is shown"), async || self.path().await.starts_with(beginning).then_some(()))
            .await;
    }

    pub(crate) async fn title(&self) -> String {
        self.web.title().await.unwrap()
    }

    /// Presses what says `text`, or begins with it: a link or a button.
    pub(crate) async fn press(&self, text: &str) {
        self.click(include_str!("find_pressable.js"), text).await;
    }

    /// Ticks what `label` begins to say.
    pub(crate) async fn choose(&self, label: &str) {
        self.click(include_str!("find_field.js"), label).await;
    }

    /// Clicks on what `script` finds for `text`, as soon as it is there and nothing covers it. A region that lives may replace it
    /// meanwhile, and what was found then is found anew.
    async fn click(&self, script: &str, text: &str) {
        at_last(&format!("{text} can be pressed"), async || {
            let found = self.web.execute(script, vec![json!(text)]).await.ok()?.element().ok()?;
            found.click().await.ok()
        })
        .await;
        self.clicks.fetch_add(1, Ordering::Relaxed);
    }

    /// Types into the field whose label begins with `label`.
    pub(crate) async fn fill_in(&self, label: &str, text: &str) {
        let script = include_str!("find_field.js");
        let field = at_last(&format!("there is {label}"), async || {
            self.web.execute(script, vec![json!(label)]).await.ok()?.element().ok()
        })
        .await;
        if field.tag_name().await.unwrap() != "select" {
            field.clear().await.unwrap();
        }
        field.send_keys(text).await.unwrap();
    }

    /// Fills a field for a day and a time in, which is typed in parts whose order depends on the browser's language.
    pub(crate) async fn fill_in_time(&self, label: &str, local: &str) {
        let find = include_str!("find_field.js");
        let script = format!("const find = function () {{ {find} }}; find(arguments[0]).value = arguments[1]");
        self.run(&script, &[json!(label), json!(local)]).await;
    }

    /// Returns once the page shows `text`.
    pub(crate) async fn shows(&self, text: &str) {
        let shown = async {
            while !self.has(text).await {
                Sources::system().sleep(POLL_INTERVAL).await;
            }
        };
        if tokio::time::timeout(TIMEOUT, shown).await.is_err() {
            let instead = self.run("return `${location}: ${document.body.innerText}`", &[]).await;
            panic!("the page never shows {text}, but {instead}");
        }
    }

    /// Reloads the page at `path` until it shows `text`.
    pub(crate) async fn comes_to_show(&self, path: &str, text: &str) {
        at_last(&format!("{path} comes to show {text}"), async || {
            self.open(path).await;
            self.has(text).await.then_some(())
        })
        .await;
    }

    /// Whether the page shows `text`.
    pub(crate) async fn has(&self, text: &str) -> bool {
        let script = "return document.body.innerText.replace(/\\s+/g, ' ').includes(arguments[0])";
        let shown = self.web.execute(script, vec![json!(text)]).await;
        shown.is_ok_and(|shown| shown.json() == &Value::Bool(true))
    }

    /// Presses a key once, where the focus is.
    pub(crate) async fn press_key(&self, key: impl Into<TypingData>) {
        self.web.action_chain().send_keys(key).perform().await.unwrap();
        self.keys.fetch_add(1, Ordering::Relaxed);
    }

    /// Types a text where the focus is.
    pub(crate) async fn type_text(&self, text: &str) {
        self.press_key(text).await;
    }

    pub(crate) async fn tab(&self) {
        self.press_key(Key::Tab).await;
    }

    pub(crate) async fn enter(&self) {
        self.press_key(Key::Enter).await;
    }

    /// Presses Tab until what has the focus says `text`, or begins with it.
    pub(crate) async fn tab_to(&self, text: &str) {
        let mut passed = Vec::new();
        for _ in 0..MOST_TABS {
            self.tab().await;
            let focused = self.focused().await;
            if focused.starts_with(text) {
                return;
            }
            passed.push(focused.chars().take(20).collect::<String>());
        }
        panic!("by Tab there is no way to {text} at {}, only to {passed:?}", self.path().await);
    }

    /// What the element says that has the focus.
    pub(crate) async fn focused(&self) -> String {
        let said = self.run(include_str!("focused.js"), &[]).await;
        said.as_str().unwrap().to_owned()
    }

    /// What `script` returns for `arguments`.
    pub(crate) async fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.web.execute(script, arguments.to_vec()).await.unwrap().json().clone()
    }

    /// What `script` hands to its last argument, behind `arguments`, once it does.
    pub(crate) async fn run_later(&self, script: &str, arguments: &[Value]) -> Value {
        self.web.execute_async(script, arguments.to_vec()).await.unwrap().json().clone()
    }

    /// The value of a cookie of the page that is shown, also of one that no script reads.
    pub(crate) async fn cookie(&self, name: &str) -> Option<String> {
        self.web.get_named_cookie(name).await.ok().map(|cookie| cookie.value)
    }

    pub(crate) async fn forget_cookie(&self, name: &str) {
        self.web.delete_cookie(name).await.unwrap();
    }

    /// Shows pages as `view` says from now on.
    pub(crate) async fn show_as(&self, view: View) {
        self.resize(view.width, 800).await;
        let features = [("prefers-color-scheme", view.theme.code()), ("prefers-reduced-motion", "reduce")];
        let features = features.map(|(name, value)| json!({ "name": name, "value": value }));
        self.ask_engine("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        let cookie = json!({ "name": "lang", "value": view.language.code(), "url": self.base });
        self.ask_engine("Network.setCookie", cookie).await;
    }

    /// A window narrower than 500 pixels a browser without a screen has only like this.
    pub(crate) async fn resize(&self, width: u32, height: u64) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700 });
        self.ask_engine("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub(crate) async fn set_script(&self, script: Script) {
        let is_off = json!({ "value": script == Script::Off });
        self.ask_engine("Emulation.setScriptExecutionDisabled", is_off).await;
    }

    /// Becomes a stranger.
    pub(crate) async fn forget_everything(&self) {
        self.ask_engine("Network.clearBrowserCookies", json!({})).await;
    }

    pub(crate) async fn sign_in(&self, account: &Account) {
        self.forget_everything().await;
        self.open("/giris").await;
        let fields = "document.querySelector('[name=email]').value = arguments[0]; \
            document.querySelector('[name=password]').value = arguments[1]; \
            document.querySelector('main form').submit()";
        self.run(fields, &[json!(account.email), json!(account.password)]).await;
        at_last("somebody is signed in", async || (self.path().await != "/giris").then_some(())).await;
    }

    /// Leaves a picture of the whole page, with what stays at the edge of the window at the end.
    pub(crate) async fn take_picture(&self, name: &str, view: View) {
        let height = self.run("return document.documentElement.scrollHeight", &[]).await;
        self.resize(view.width, height.as_u64().unwrap().clamp(800, LONGEST)).await;
        let picture = self.web.screenshot_as_png().await.unwrap();
        self.resize(view.width, 800).await;
        std::fs::create_dir_all(PICTURES).unwrap();
        std::fs::write(Path::new(PICTURES).join(format!("{name}-{}.png", view.name())), picture).unwrap();
    }

    async fn ask_engine(&self, method: &str, parameters: Value) {
        self.web.cdp().send_raw(method, parameters).await.unwrap();
    }
}
