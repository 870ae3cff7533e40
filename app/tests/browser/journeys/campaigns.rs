//! A campaign: written and read before it is published, mailed to who follows and has agreed, and the way out of it.

use std::time::Duration;

use clock::Timestamp;

use super::{RESTAURANT, phone};
use crate::support::{Browser, Script, Town, turn};

const TITLE: &str = "Liman günleri";
/// Until it begins: as long as a manager takes to publish it.
const BEGINS_IN: Duration = Duration::from_secs(8);
const LENGTH: Duration = Duration::from_secs(24 * 60 * 60);
/// What the clocks of Istanbul are ahead.
const ISTANBUL: Duration = Duration::from_secs(3 * 60 * 60);

#[tokio::test]
async fn a_campaign_is_read_before_it_is_published_and_its_mail_leads_out_of_the_next_ones() {
    let _turn = turn().await;
    for script in [Script::Off, Script::On] {
        hear_of_a_campaign(&Town::open_by_day().await, script).await;
    }
}

/// The diner neither follows anything yet nor has said whether campaigns may be mailed to them.
pub(super) async fn hear_of_a_campaign(town: &Town, script: Script) {
    let (diner, manager) = (phone(town, script).await, phone(town, script).await);
    diner.sign_in(town.diner()).await;
    manager.sign_in(town.manager()).await;
    let restaurant = town.restaurant(RESTAURANT).await;

    follow_and_agree(&diner, &restaurant).await;
    let subject = publish(town, &manager, &restaurant).await;
    let published = manager.path().await;
    manager.comes_to_show(&published, "Sürüyor · duyuruldu").await;

    let (mailed, link) = town.mail(&town.diner().email, "/notification/unsubscribe").await;
    assert_eq!(mailed, subject);
    unsubscribe(&diner, &link).await;
    diner.close().await;
    manager.close().await;
}

async fn follow_and_agree(diner: &Browser, restaurant: &str) {
    diner.open(&format!("/restoran/{restaurant}")).await;
    diner.press("♡ Favorilere ekle").await;
    diner.shows("Favorilerinize eklendi.").await;
    diner.open("/tercihler").await;
    diner.shows("Henüz cevap vermediniz").await;
    diner.press("Kabul ediyorum").await;
    diner.shows("Son cevabınız: kabul ettiniz.").await;
}

/// Writes a campaign down and reads what it will say. Answers the subject of its mail.
async fn publish(town: &Town, manager: &Browser, restaurant: &str) -> String {
    manager.open(&format!("/isletme/{restaurant}/kampanyalar")).await;
    manager.press("Yeni kampanya").await;
    manager.fill_in("Başlık", TITLE).await;
    manager.fill_in("Metin", "Bütün gün her şey yarı fiyatına.").await;
    let begins = town.now() + BEGINS_IN;
    manager.fill_in_time("Başlangıç", &typed(begins)).await;
    manager.fill_in_time("Bitiş", &typed(begins + LENGTH)).await;
    manager.press("Önizle").await;

    manager.shows("Henüz hiçbir şey kaydedilmedi.").await;
    manager.shows("Takipçilerinize kampanya başlayınca yazılır").await;
    for shown in ["Takipçi", "Ticari iletiye izin veren", "Türkçe posta", "İngilizce posta"] {
        assert!(manager.has(shown).await, "{shown}");
    }
    let subjects = "return [...document.querySelectorAll('.letter > strong')].map(({ textContent }) => textContent)";
    let subjects: [String; 2] = serde_json::from_value(manager.run(subjects, &[]).await).unwrap();
    assert_eq!(subjects, [format!("Kampanya: {TITLE}"), format!("Campaign: {TITLE}")]);
    manager.press("Yayınla").await;
    manager.shows("Kampanya kaydedildi.").await;
    let [turkish, _] = subjects;
    turkish
}

async fn unsubscribe(diner: &Browser, link: &str) {
    diner.open(link).await;
    diner.shows("Bu adrese artık kampanya iletisi göndermeyelim mi?").await;
    diner.open("/tercihler").await;
    diner.shows("Son cevabınız: kabul ettiniz.").await;

    diner.open(link).await;
    diner.press("Artık göndermeyin").await;
    diner.shows("Bu adrese artık kampanya iletisi göndermeyeceğiz:").await;
    diner.comes_to_show("/tercihler", "Son cevabınız: istemediniz.").await;
}

/// As a field for a day and a time has it.
fn typed(at: Timestamp) -> String {
    (at + ISTANBUL).format("%Y-%m-%dT%H:%M:%S").to_string()
}
