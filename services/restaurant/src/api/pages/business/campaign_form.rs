//! The form of a campaign, and what of a campaign is shown.

use askama::Template;
use contracts::Locale;
use web::{Select, Typed, dates, money};

use super::form_body::FormBody;
use super::local_time;
use crate::model::{CampaignParts, DiscountKind};

#[derive(Template)]
#[template(path = "business/campaign_fields.html")]
pub(super) struct CampaignFields<'a> {
    pub(super) locale: Locale,
    pub(super) form: &'a Typed,
}

/// A fact of a campaign: what it is called, and its text.
pub(super) type Fact = (&'static str, String);

impl CampaignFields<'_> {
    fn kind(&self) -> Select<'_> {
        let say = |tr, en| self.locale.say(tr, en);
        let none = ("", say("İndirim yok, yalnız duyuru", "No discount, an announcement alone"));
        let kinds = [DiscountKind::Percent, DiscountKind::Amount, DiscountKind::FreeDelivery];
        let kinds = kinds.map(|kind| (kind.as_str(), kind_text(kind, self.locale)));
        self.form.select("kind", say("İndirim", "Discount")).optional().options([none]).options(kinds)
    }
}

/// The campaign of a form, as the API takes it.
pub(super) fn campaign_body(typed: &Typed) -> FormBody<'_> {
    FormBody::of(typed)
        .text("title")
        .text("description")
        .put_optional("start_date", local_time::instant)
        .put_optional("end_date", local_time::instant)
        .optional_text("code")
        .optional_text("kind")
        .optional_money("value")
        .optional_money("max_discount")
        .optional_money("min_basket")
        .optional_number("total_limit")
        .optional_number("per_user_limit")
}

/// The form as the campaign fills it in.
pub(super) fn typed(parts: &CampaignParts, locale: Locale) -> Typed {
    let money = |money| money::editable(money, locale);
    Typed::beginning([
        ("title", parts.title.as_str()),
        ("description", parts.description.as_str()),
        ("start_date", &*local_time::editable(parts.start_date)),
        ("end_date", &*local_time::editable(parts.end_date)),
        ("code", parts.code.as_ref().map_or("", |code| code.as_str())),
        ("kind", parts.kind.map_or("", DiscountKind::as_str)),
        ("value", &*parts.value.map(money).unwrap_or_default()),
        ("max_discount", &*parts.max_discount.map(|most| money(most.into())).unwrap_or_default()),
        ("min_basket", &*parts.min_basket.map(money).unwrap_or_default()),
        ("total_limit", &*parts.total_limit.map(|limit| limit.0.to_string()).unwrap_or_default()),
        ("per_user_limit", &*parts.per_user_limit.map(|limit| limit.0.to_string()).unwrap_or_default()),
    ])
}

/// What it promises, for how long, and to whom.
pub(super) fn facts(parts: &CampaignParts, locale: Locale) -> Vec<Fact> {
    let say = |tr, en| locale.say(tr, en);
    let amount = |money| money::amount(money, locale);
    let facts = [
        Some((say("Başlangıç", "Begins"), dates::date_time(parts.start_date, locale))),
        Some((say("Bitiş", "Ends"), dates::date_time(parts.end_date, locale))),
        parts.kind.map(|kind| (say("İndirim", "Discount"), discount_text(kind, parts, locale))),
        parts.code.as_ref().map(|code| (say("Kupon kodu", "Coupon code"), code.as_str().to_owned())),
        parts.max_discount.map(|most| (say("En çok indirim", "Discount at most"), amount(most.into()))),
        parts.min_basket.map(|least| (say("En az sepet", "Basket at least"), amount(least))),
        parts.total_limit.map(|limit| (say("Toplam kullanım", "Orders in all"), limit.0.to_string())),
        parts.per_user_limit.map(|limit| (say("Kişi başına kullanım", "Orders of one diner"), limit.0.to_string())),
    ];
    facts.into_iter().flatten().collect()
}

fn discount_text(kind: DiscountKind, parts: &CampaignParts, locale: Locale) -> String {
    let value = parts.value.unwrap_or_default();
    match (kind, locale) {
        (DiscountKind::Percent, Locale::Tr) => format!("%{}", money::editable(value, locale)),
        (DiscountKind::Percent, Locale::En) => format!("{}%", money::editable(value, locale)),
        (DiscountKind::Amount, _) => money::amount(value, locale),
        (DiscountKind::FreeDelivery, _) => kind_text(kind, locale).to_owned(),
    }
}

fn kind_text(kind: DiscountKind, locale: Locale) -> &'static str {
    match kind {
        DiscountKind::Percent => locale.say("Yüzde", "Percent"),
        DiscountKind::Amount => locale.say("Tutar", "Amount"),
        DiscountKind::FreeDelivery => locale.say("Ücretsiz teslimat", "Free delivery"),
    }
}
