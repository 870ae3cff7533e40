//! The statements of a checkout in cash, as the service sends them, and nothing around them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bus::outbox;
use clock::Timestamp;
use contracts::{
    EmailEvent, Locale, MailMessage, Money, OrderActor, OrderChange, OrderChanged, OrderId, OrderStatus, OrderUpdate,
    RestaurantId, UserId,
};
use database::idempotency::{Claimed, KeptAnswer, Request, Window, claim, keep};
use database::{Connection, Database, WriteTransaction, daily_write};
use sea_orm::{QueryResult, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use super::execute;

/// What one unit of each meal costs, in kuruş, and the way.
const MEAL: i64 = 24_050;
const WAY: i64 = 990;
/// The tax within a meal, and within the way.
const TAX_OF_MEAL: i64 = 2_186;
const TAX_OF_WAY: i64 = 90;
const PREPARATION: Duration = Duration::from_secs(25 * 60);
const SLOT: u64 = 15 * 60;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is ordered, and by whom.
pub(crate) struct BareCheckout<'a> {
    pub(crate) user_id: UserId,
    /// Names the request.
    pub(crate) key: &'a str,
    /// Each once.
    pub(crate) meals: &'a [Uuid],
}

/// What others say of whom and of what is ordered.
struct Copies {
    restaurant: Uuid,
    address: Option<String>,
    cart_version: i64,
}

/// Places an order in one transaction, and answers it.
pub(crate) async fn check_out(database: &Database, checkout: &BareCheckout<'_>) -> Result<String> {
    let BareCheckout { user_id, key, meals } = *checkout;
    let tx = database.begin_locked(&format!("cart {user_id}")).await?;
    let request = Request { scope: "checkout", caller: user_id, key, fingerprint: &[7; 32] };
    let claimed = claim(&tx, &request, Window { after: tx.now() - DAY, until: None }).await?;
    ensure!(matches!(claimed, Claimed::New), "the request was answered before");
    daily_write::add(&tx, "order", user_id).await?;
    let copies = copies(&tx, user_id, meals).await?;
    let order = insert(&tx, user_id, &copies, meals).await?;
    record(&tx, &order).await?;
    empty_cart(&tx, user_id).await?;
    take_slot(&tx, &order).await?;
    let body = answer(&order, &copies, meals).to_string();
    keep(&tx, &request, &KeptAnswer { status: 200, language: Locale::Tr, body: body.clone() }).await?;
    tx.commit().await?;
    Ok(body)
}

async fn copies(tx: &WriteTransaction, user_id: UserId, meals: &[Uuid]) -> Result<Copies> {
    let user = || Value::from(user_id.0);
    let places: Vec<String> = (1..=meals.len()).map(|place| format!("${place}")).collect();
    let of_meals = format!("SELECT meal_id, restaurant_id FROM cart_meal WHERE meal_id IN ({})", places.join(", "));
    let found = list(tx, &of_meals, meals.iter().map(|meal| Value::from(*meal))).await?;
    ensure!(found.len() == meals.len(), "a meal is not known");
    let restaurant: Uuid = found.first().context("nothing is ordered")?.try_get("", "restaurant_id")?;
    let cart_version = find_basket(tx, user_id).await?.try_get("", "version")?;
    let home = "SELECT id, user_id, version, details, is_default FROM cart_address WHERE user_id = $1 \
        AND details IS NOT NULL AND is_default = $2 ORDER BY version DESC LIMIT $3";
    let home = list(tx, home, [user(), true.into(), 1_i64.into()]).await?;
    let address = home.first().map(|row| row.try_get("", "details")).transpose()?;
    let campaigns = "SELECT id, restaurant_id, code, body, used, is_withdrawn FROM cart_campaign \
        WHERE restaurant_id IN ($1, $2) AND is_withdrawn = $3 ORDER BY id";
    list(tx, campaigns, [restaurant.into(), Uuid::nil().into(), false.into()]).await?;
    Ok(Copies { restaurant, address, cart_version })
}

async fn find_basket(tx: &WriteTransaction, user_id: UserId) -> Result<QueryResult> {
    let basket = "SELECT user_id, restaurant_id, version, updated_at FROM cart_basket WHERE user_id = $1";
    list(tx, basket, [user_id.0.into()]).await?.pop().context("somebody has no cart")
}

/// Writes the order with its lines and its first step.
async fn insert(tx: &WriteTransaction, user_id: UserId, copies: &Copies, meals: &[Uuid]) -> Result<Placed> {
    let (now, public_id) = (tx.now(), tx.sources().uuid());
    let (target, answer_by) = (now + PREPARATION, now + DAY);
    let order = "INSERT INTO cart_order (public_id, code, user_id, restaurant_id, restaurant_name, status, version, \
        fulfilment, payment_method, subtotal_kurus, discount_kurus, delivery_fee_kurus, total_kurus, vat_kurus, coupon_code, \
        campaign_id, address, note, locale, is_asap, target_at, slot_at, eta_minutes, answer_by, due_at, reason, \
        reason_text, delays, cart_version, created_at, accepted_at, closed_at, changed_at) \
        VALUES ($1, '7QF2', $2, $3, 'Çıpa Kebap', 'placed', 1, 'delivery', 'cash', $4, 0, $5, $6, $7, NULL, NULL, $8, '', \
        'tr', TRUE, $9, $10, NULL, $11, $11, NULL, NULL, 0, $12, $13, NULL, NULL, $13) RETURNING *";
    let subtotal = MEAL * meals.len() as i64;
    let values: [Value; 13] = [
        public_id.into(),
        user_id.0.into(),
        copies.restaurant.into(),
        subtotal.into(),
        WAY.into(),
        (subtotal + WAY).into(),
        tax(meals).into(),
        copies.address.clone().into(),
        target.into(),
        slot_of(target).into(),
        answer_by.into(),
        copies.cart_version.into(),
        now.into(),
    ];
    let id: i64 = list(tx, order, values).await?.pop().context("the order is not there")?.try_get("", "id")?;
    insert_lines(tx, id, meals).await?;
    let step = "INSERT INTO cart_order_event (order_id, version, status, actor, actor_id, reason, reason_text, at) \
        VALUES ($1, 1, 'placed', 'diner', $2, NULL, NULL, $3)";
    execute(tx, step, [id.into(), user_id.0.into(), now.into()]).await?;
    let total = Money::from_kurus(subtotal + WAY)?;
    let (restaurant_id, public_id) = (RestaurantId(copies.restaurant), OrderId(public_id));
    Ok(Placed { id, public_id, user_id, restaurant_id, total, target, answer_by, at: now })
}

/// An order that was just written.
struct Placed {
    id: i64,
    public_id: OrderId,
    user_id: UserId,
    restaurant_id: RestaurantId,
    total: Money,
    target: Timestamp,
    answer_by: Timestamp,
    at: Timestamp,
}

async fn insert_lines(tx: &WriteTransaction, order: i64, meals: &[Uuid]) -> Result<()> {
    let rows: Vec<String> = (0..meals.len())
        .map(|position| {
            format!(
                "($1, {position}, ${}, 'Kuşbaşılı Kaşarlı Pide', '[]', 1, {MEAL}, {MEAL}, 0, 1000, {TAX_OF_MEAL}, '')",
                position + 2
            )
        })
        .collect();
    let lines = format!(
        "INSERT INTO cart_order_line (order_id, position, meal_id, name, options, quantity, unit_price_kurus, total_kurus, \
         discount_kurus, vat_bp, vat_kurus, note) VALUES {}",
        rows.join(", ")
    );
    let values = std::iter::once(order.into()).chain(meals.iter().map(|meal| Value::from(*meal)));
    execute(tx, &lines, values).await
}

/// Reports the order to others, and mails it to whoever has ordered.
async fn record(tx: &WriteTransaction, order: &Placed) -> Result<()> {
    let changed = OrderChanged {
        order_id: order.public_id,
        version: 1,
        status: OrderStatus::Placed,
        previous: None,
        user_id: order.user_id,
        restaurant_id: order.restaurant_id,
        total_kurus: order.total,
        by: OrderActor::Diner,
        reason: None,
        target_at: order.target,
        at: order.at,
    };
    outbox::record(tx, &changed).await?;
    let contact = "SELECT user_id, email, locale FROM cart_contact WHERE user_id = $1";
    let contact = list(tx, contact, [order.user_id.0.into()]).await?.pop().context("somebody gets no mail")?;
    let to: String = contact.try_get("", "email")?;
    let message = MailMessage::OrderUpdate(OrderUpdate {
        order_id: order.public_id.to_string(),
        change: OrderChange::Placed,
        code: "7QF2".to_owned(),
        restaurant: "Çıpa Kebap".to_owned(),
        total: order.total.to_string(),
        target_at: Some(order.target),
        reason: None,
        reason_text: None,
    });
    Ok(outbox::record(tx, &EmailEvent { to: to.parse()?, locale: Locale::Tr, message }).await?)
}

async fn empty_cart(tx: &WriteTransaction, user_id: UserId) -> Result<()> {
    let basket = find_basket(tx, user_id).await?;
    execute(tx, "DELETE FROM cart_line WHERE user_id = $1", [user_id.0.into()]).await?;
    let (restaurant, version): (Uuid, i64) = (basket.try_get("", "restaurant_id")?, basket.try_get("", "version")?);
    let put = "INSERT INTO cart_basket (user_id, restaurant_id, version, updated_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (user_id) DO UPDATE SET restaurant_id = excluded.restaurant_id, version = excluded.version, \
        updated_at = excluded.updated_at";
    execute(tx, put, [user_id.0.into(), restaurant.into(), (version + 1).into(), tx.now().into()]).await
}

async fn take_slot(tx: &WriteTransaction, order: &Placed) -> Result<()> {
    let take = "INSERT INTO cart_slot (restaurant_id, begins_at, taken) VALUES ($1, $2, $3) \
        ON CONFLICT (restaurant_id, begins_at) DO UPDATE SET taken = cart_slot.taken + 1 WHERE cart_slot.taken < $4";
    let values = [order.restaurant_id.0.into(), slot_of(order.target).into(), 1_i32.into(), i32::from(u16::MAX).into()];
    execute(tx, take, values).await
}

fn tax(meals: &[Uuid]) -> i64 {
    TAX_OF_MEAL * meals.len() as i64 + TAX_OF_WAY
}

/// The beginning of the quarter of an hour.
fn slot_of(target: Timestamp) -> Timestamp {
    let into = target.timestamp().unsigned_abs() % SLOT;
    target - Duration::new(into, target.timestamp_subsec_nanos())
}

/// As long as the answer of ours.
fn answer(order: &Placed, copies: &Copies, meals: &[Uuid]) -> serde_json::Value {
    let items: Vec<_> = meals.iter().map(|meal| json!({ "meal_id": meal, "quantity": 1, "note": "" })).collect();
    let lines: Vec<_> = meals
        .iter()
        .map(|meal| {
            json!({
                "meal_id": meal, "name": "Kuşbaşılı Kaşarlı Pide", "quantity": 1, "options": [], "unit_price": 240.5,
                "line_total": 240.5, "discount": 0, "vat": 21.86, "note": "",
            })
        })
        .collect();
    json!({
        "id": order.id, "user_id": order.user_id, "restaurant_id": order.restaurant_id, "items": items,
        "subtotal": 481, "discount": 0, "total": order.total, "payment_method": "cash", "coupon_code": null,
        "created_at": order.at, "message": "Sipariş başarıyla oluşturuldu", "public_id": order.public_id, "code": "7QF2",
        "status": "placed", "version": 1, "restaurant_name": "Çıpa Kebap", "fulfilment": "delivery", "delivery_fee": 9.9,
        "vat": 44.62, "lines": lines, "address": copies.address, "note": "", "target_at": order.target,
        "answer_by": order.answer_by, "payment": null, "reason": null, "reason_text": null,
        "timeline": [{ "status": "placed", "by": "diner", "reason": null, "reason_text": null, "at": order.at }],
    })
}

async fn list(
    tx: &WriteTransaction,
    select: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>> {
    Ok(tx.query_all_raw(Statement::from_sql_and_values(tx.get_database_backend(), select, values)).await?)
}
