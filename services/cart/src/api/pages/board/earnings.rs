//! `/mutfak/{restaurant}/kazanc`: what a restaurant has earned by what it has delivered, as bars, as tables and as a file.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use clock::Timestamp;
use contracts::{Locale, Money, PaymentMethod, RestaurantId};
use kit::{Fault, Problem, QueryParameters, Text};
use strum::VariantArray;
use web::{Bar, BarChart, Page, Reader, dates, money};

use super::kitchen::Kitchen;
use super::sums::Sums;
use super::words;
use crate::actions;
use crate::model::{EarningsPeriod, Period, day_of};
use crate::state::Carts;
use crate::store::earnings::EarningsRow;

#[derive(Template)]
#[template(path = "board/earnings.html")]
struct Body {
    locale: Locale,
    restaurant_id: RestaurantId,
    /// Each period: its address, its name, and whether it is shown.
    periods: Vec<(String, &'static str, bool)>,
    name: String,
    chart: BarChart,
    /// What stands above the columns of both tables.
    heads: [&'static str; 6],
    spans: Vec<Row>,
    total: Row,
    methods: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
    file: String,
}

/// A line of a table.
struct Row {
    name: String,
    orders: i64,
    /// As the columns name them, the net last.
    amounts: [String; 5],
}

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    kitchen: Kitchen,
    uri: Uri,
) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, carts.context.now());
    let period = asked_period(&uri, now)?;
    let rows = actions::list_earnings(&carts, kitchen.id, period).await?;
    let path = |period: EarningsPeriod| path(&kitchen, "kazanc", period);
    let spans = spans(period, &rows, locale);
    let total = Sums::of(&rows);
    let name = words::period(period, locale);
    let of_method = |method: &PaymentMethod| {
        let sums = Sums::of(rows.iter().filter(|row| row.payment_method == *method));
        (words::payment(*method, locale).to_owned(), sums)
    };
    let tabled = |sums: Vec<(String, Sums)>| {
        let sold = sums.into_iter().filter(|(_, sums)| sums.orders > 0);
        sold.map(|(name, sums)| Row::of(name, sums, locale)).collect()
    };
    let body = Body {
        locale,
        restaurant_id: kitchen.id,
        periods: periods(period, now, locale, path),
        chart: chart(&name, &spans, total, locale),
        heads: words::sums(locale),
        spans: tabled(spans),
        total: Row::of(locale.say("Toplam", "In all").to_owned(), total, locale),
        methods: tabled(PaymentMethod::VARIANTS.iter().map(of_method).collect()),
        previous: period.previous(now).map(path),
        next: period.next(now).map(path),
        file: self::path(&kitchen, "kazanc.csv", period),
        name,
    };
    let title = format!("{} · {}", kitchen.restaurant.name(), locale.say("Kazanç", "Earnings"));
    Ok(Page::of(&reader, title, &body).wide())
}

/// The same numbers, for a table of one's own: a line for each span and each way to pay.
pub(super) async fn download(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    kitchen: Kitchen,
    uri: Uri,
) -> Result<Response, Problem> {
    let period = asked_period(&uri, carts.context.now())?;
    let rows = actions::list_earnings(&carts, kitchen.id, period).await?;
    let name = format!("attachment; filename=\"kazanc-{}-{}.csv\"", period.period.as_str(), period.first_day);
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, name.as_str()), (CACHE_CONTROL, "no-store")];
    Ok((headers, csv(period, &rows, reader.locale)).into_response())
}

impl Row {
    fn of(name: String, sums: Sums, locale: Locale) -> Self {
        let Sums { orders, meals, discount, delivery, refunded, net } = sums;
        let amounts = [meals, discount, delivery, refunded, net].map(|amount| money::amount(amount, locale));
        Self { name, orders, amounts }
    }

    fn net(&self) -> &str {
        let [.., net] = &self.amounts;
        net
    }
}

/// The present day where none is named.
fn asked_period(uri: &Uri, now: Timestamp) -> Result<EarningsPeriod, Problem> {
    let parameters = QueryParameters::of(uri);
    let one = |name| parameters.one(name).map_err(|fault| Problem::invalid(vec![fault]));
    let period = one("donem")?.map_or(Ok(Period::default()), str::parse);
    let day = one("tarih")?.map_or(Ok(day_of(now)), str::parse::<NaiveDate>);
    let period = period.map_err(|_| unknown("donem"))?;
    let day = day.map_err(|_| unknown("tarih"))?;
    EarningsPeriod::around(period, day, now).ok_or_else(|| unknown("tarih"))
}

fn unknown(parameter: &'static str) -> Problem {
    let text = Text::new("Böyle bir dönem yok.", "There is no such period.");
    Problem::invalid(vec![Fault::new(parameter, "PERIOD_UNKNOWN", text)])
}

fn path(kitchen: &Kitchen, page: &str, EarningsPeriod { period, first_day }: EarningsPeriod) -> String {
    format!("{}/{page}?donem={}&tarih={first_day}", kitchen.path(), period.as_str())
}

/// The ways to the periods around the first day of this one.
fn periods(
    shown: EarningsPeriod,
    now: Timestamp,
    locale: Locale,
    path: impl Fn(EarningsPeriod) -> String,
) -> Vec<(String, &'static str, bool)> {
    let named = [
        (Period::Day, locale.say("Gün", "Day")),
        (Period::Week, locale.say("Hafta", "Week")),
        (Period::Month, locale.say("Ay", "Month")),
    ];
    let around = |(period, name)| {
        let around = EarningsPeriod::around(period, shown.first_day, now)?;
        Some((path(around), name, period == shown.period))
    };
    named.into_iter().filter_map(around).collect()
}

/// The sums of each part of the period, also where there was nothing.
fn spans(period: EarningsPeriod, rows: &[EarningsRow], locale: Locale) -> Vec<(String, Sums)> {
    let bounds = period.bounds();
    let begins = bounds.iter().take(bounds.len().saturating_sub(1)).zip(0_i32..);
    let of_span = |(begin, span): (&Timestamp, i32)| {
        let sums = Sums::of(rows.iter().filter(|row| row.span == span));
        (words::span(period.period, *begin, locale), sums)
    };
    begins.map(of_span).collect()
}

fn chart(name: &str, spans: &[(String, Sums)], total: Sums, locale: Locale) -> BarChart {
    let amount = |money: Money| money::amount(money, locale);
    let highest = spans.iter().map(|(_, sums)| sums.net).max().unwrap_or_default();
    let bar = |(label, sums): &(String, Sums)| Bar {
        label: label.split([' ', ':']).next().unwrap_or_default().to_owned(),
        title: format!("{label}: {}", amount(sums.net)),
        value: sums.net.kurus().unsigned_abs(),
    };
    let title = format!("{}, {name}", locale.say("Kazanç", "Earnings"));
    let description = format!(
        "{} {}; {} {}",
        locale.say("Toplam", "In all"),
        amount(total.net),
        locale.say("en çok", "at most"),
        amount(highest)
    );
    BarChart::new("kazanc-grafik", (title, description), amount(highest), spans.iter().map(bar).collect())
}

/// Lines as RFC 4180 has them, with decimal points in every language, behind the sign by which spreadsheets know UTF-8.
fn csv(period: EarningsPeriod, rows: &[EarningsRow], locale: Locale) -> String {
    let bounds = period.bounds();
    let head = locale.say(
        "baslangic,odeme,siparis,yemekler,indirim,teslimat,iade,kalan",
        "begin,payment,orders,meals,discount,delivery,refunded,net",
    );
    let begin = |row: &EarningsRow| usize::try_from(row.span).ok().and_then(|span| bounds.get(span));
    let line = |row: &EarningsRow| {
        let begin = begin(row).map(|begin| dates::machine_time(*begin)).unwrap_or_default();
        let Sums { orders, meals, discount, delivery, refunded, net } = Sums::from(row);
        let method = row.payment_method.as_str();
        let amounts = [meals, discount, delivery, refunded, net].map(decimal).join(",");
        format!("{begin},{method},{orders},{amounts}\r\n")
    };
    let lines: String = rows.iter().map(line).collect();
    format!("\u{feff}{head}\r\n{lines}")
}

fn decimal(money: Money) -> String {
    format!("{}.{:02}", money.kurus() / 100, money.kurus() % 100)
}
