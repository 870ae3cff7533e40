//! A browser, as readers of pages have it.

use anyhow::Result;
use serde_json::{Value, json};
use testkit::ChromeDriver;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

/// A window of the size of a phone, with a jar of its own.
pub(crate) struct Browser {
    web: WebDriver,
    base: String,
    _driver: ChromeDriver,
}

/// What lies between a browser and the server, and what it runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions {
    /// Between a request and the first byte of its answer, in milliseconds.
    pub(crate) latency: u32,
    /// Each way, in bits a second.
    pub(crate) bits_per_second: u32,
    /// By how much it is slower than this machine.
    pub(crate) slowdown: u32,
}

impl Browser {
    /// A new one, before the server whose address begins with `base`.
    pub(crate) async fn start(base: &str) -> Result<Self> {
        let driver = ChromeDriver::start().await?;
        let mut wanted = DesiredCapabilities::chrome();
        for flag in ChromeDriver::FLAGS {
            wanted.add_arg(flag)?;
        }
        let web = WebDriver::new(driver.url(), wanted).await?;
        let browser = Self { web, base: base.to_owned(), _driver: driver };
        let phone = json!({ "width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        browser.ask_engine("Emulation.setDeviceMetricsOverride", phone).await?;
        // Without it, what follows has no effect.
        browser.ask_engine("Network.enable", json!({})).await?;
        Ok(browser)
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.web.quit().await?)
    }

    pub(crate) async fn open(&self, path: &str) -> Result<()> {
        Ok(self.web.goto(format!("{}{path}", self.base)).await?)
    }

    /// The path of the page that is shown.
    pub(crate) async fn path(&self) -> Result<String> {
        Ok(self.web.current_url().await?.path().to_owned())
    }

    /// What `script` hands to its last argument, once it does.
    pub(crate) async fn run(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        Ok(self.web.execute_async(script, arguments.to_vec()).await?.json().clone())
    }

    /// Signs in by the token of somebody.
    pub(crate) async fn sign_in(&self, access_token: &str) -> Result<()> {
        let cookie = json!({ "name": "access", "value": access_token, "url": self.base });
        self.ask_engine("Network.setCookie", cookie).await
    }

    /// Keeps no file that it was sent.
    pub(crate) async fn forget_files(&self) -> Result<()> {
        self.ask_engine("Network.clearBrowserCache", json!({})).await
    }

    /// Has pages come as under `conditions` from now on.
    pub(crate) async fn set_conditions(&self, conditions: Conditions) -> Result<()> {
        let Conditions { latency, bits_per_second, slowdown } = conditions;
        let bytes = bits_per_second / 8;
        let network = json!({
            "offline": false, "latency": latency, "downloadThroughput": bytes, "uploadThroughput": bytes,
        });
        self.ask_engine("Network.emulateNetworkConditions", network).await?;
        self.ask_engine("Emulation.setCPUThrottlingRate", json!({ "rate": slowdown })).await
    }

    async fn ask_engine(&self, method: &str, parameters: Value) -> Result<()> {
        self.web.cdp().send_raw(method, parameters).await?;
        Ok(())
    }
}
