//! What a platform does by itself, and what diners, managers and operators ask it for.

use std::time::Duration;

use contracts::Secret;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Diner, Platform, Tokens};

/// Of a restaurant and a meal that nobody knows.
const ID: &str = "018f5a3e-2222-4000-8000-000000000001";

/// A start, readiness, the first round of each task, and what diners and operators ask for; `grow` gives Ayşe a long history.
pub(super) async fn live(platform: &Platform, grow: impl AsyncFnOnce()) {
    let (ayse, tokens) = Diner::signed_up(platform, "ayse@example.com").await;
    grow().await;
    let laptop = ayse.elsewhere("198.51.100.20").login().await.tokens();
    let laptop = ayse.refresh(&laptop).await.tokens();
    ayse.with_password("something else").login().await;
    ayse.post("/auth/forgot-password", json!({ "email": ayse.email })).await;
    platform.mail(&ayse.email, "password_reset", 1).await;
    let profile =
        json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    ayse.post_as(&tokens, "/users/register/complete", profile).await;
    let password = Secret::new(ayse.password.clone());
    auth::admin::create(platform.database(), "yonetici@example.com".parse().unwrap(), password).await.unwrap();
    let admin = Diner::new(platform, "yonetici@example.com");
    let key = admin.login().await.tokens();
    for path in ["/auth/me", "/auth/sessions", "/auth/events", "/users/me", "/users/preferences", "/favorites"] {
        ayse.get_as(&laptop, path).await;
    }
    let agree = json!({ "commercial_mail": { "granted": true, "text_version": "2026-01" } });
    ayse.send(Method::PUT, "/users/preferences", Some(&laptop.access), Some(agree)).await;
    for (path, body) in [
        ("/favorites/cuisine", json!({ "cuisine": "cuisine 7" })),
        ("/favorites/restaurant", json!({ "restaurant_id": ID })),
    ] {
        ayse.post_as(&laptop, path, body).await;
    }
    ayse.send(Method::DELETE, "/favorites/cuisine/cuisine%207", Some(&laptop.access), None).await;
    let home = json!({
        "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Moda Caddesi 12, Kadıköy", "zip_code": "34710", "is_default": true,
    });
    let address = ayse.post_as(&laptop, "/addresses", home).await.json();
    let address = format!("/addresses/{}", address["id"].as_str().unwrap());
    for path in [address.as_str(), "/addresses"] {
        ayse.get_as(&laptop, path).await;
    }
    for method in [Method::PUT, Method::DELETE] {
        ayse.send(method, &address, Some(&laptop.access), Some(json!({ "is_default": false }))).await;
    }
    let wanted = json!({ "restaurant_id": ID, "meal_id": ID, "quantity": 2 });
    let cart = ayse.post("/carts/anonymous/add", wanted).await.json();
    ayse.get_as(&laptop, &format!("/carts/anonymous/{}", cart["cart_id"].as_str().unwrap())).await;
    // Nothing is left for the second; what was undone twice is there for the last.
    for turn in 0..3 {
        let merge = json!({ "anonymous_cart_id": cart["cart_id"] });
        let merged = ayse.post_as(&laptop, "/carts/anonymous/merge", merge).await;
        assert_eq!((merged.status.as_u16(), &merged.json()["merged_items_count"]), (200, &json!(1)), "{}", merged.text);
        if turn == 1 {
            let undo = format!("/carts/merges/{}/undo", merged.json()["merge_id"].as_str().unwrap());
            for _ in 0..2 {
                let undone = ayse.post_as(&laptop, &undo, json!({})).await;
                assert_eq!(undone.status.as_u16(), 200, "{}", undone.text);
            }
        }
    }
    for path in [
        "/admin/campaigns",
        "/admin/dead-letters",
        "/admin/topics",
        "/health/ready",
        "/metrics",
        "/notification/health",
        "/notification/mails/counts",
    ] {
        admin.get_as(&key, path).await;
    }
    manage(platform, &admin, &key).await;
    let change = json!({ "current_password": ayse.password, "new_password": "yeni ve uzun bir parola" });
    ayse.post_as(&laptop, "/auth/change-password", change).await;
    platform.mail(&ayse.email, "password_changed", 1).await;
    auth::admin::lock(platform.database(), &ayse.email.parse().unwrap()).await.unwrap();
    auth::admin::unlock(platform.database(), &ayse.email.parse().unwrap()).await.unwrap();
    let session = platform.claims(&key.access)["sid"].as_str().unwrap().to_owned();
    admin.send(Method::DELETE, &format!("/auth/sessions/{session}"), Some(&key.access), None).await;
    platform.idle().await;
}

/// What a manager asks for, and what everybody asks for of a restaurant.
async fn manage(platform: &Platform, admin: &Diner, key: &Tokens) {
    let place = json!({
        "title": "Çıpa", "address": "Sahil Yolu 1", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Sahil Yolu 1, Kadıköy", "zip_code": "34710",
    });
    let address = admin.post_as(key, "/addresses?entity_type=RESTAURANT", place).await.json();
    let restaurant = json!({ "name": "Çıpa Kebap", "address_id": address["id"], "cuisines": ["Kebap"] });
    let created = admin.post_as(key, "/restaurants", restaurant).await.json();
    platform.idle().await;
    let path = format!("/restaurants/{}", created["id"].as_str().unwrap());
    let hours = format!("{path}/hours");
    let search = "/restaurants/search?query=cipa+kebap&city=istanbul&open_now=true&lat=41&lon=29&sort_by=distance";
    for path in [path.as_str(), &hours, "/restaurants", "/restaurants/mine", "/restaurants/search", search] {
        let answer = admin.get_as(key, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
    search_by_dish(admin, key).await;
    let pause = format!("{path}/pause");
    let until = platform.now() + Duration::from_secs(60 * 60);
    for (path, body) in [
        (&path, json!({ "name": "Demir Kebap", "cuisines": ["Kebap", "Izgara"] })),
        (&hours, json!({ "last_order_min": 15 })),
        (&pause, json!({ "until": until })),
    ] {
        // The second one changes nothing.
        for _ in 0..2 {
            let answer = admin.send(Method::PUT, path, Some(&key.access), Some(body.clone())).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
    cook(platform, admin, key, created["id"].as_str().unwrap()).await;
    platform.idle().await;
    let cart = admin.get_as(key, "/carts/current").await.json();
    assert_eq!(cart["items"][0]["reason"], "REMOVED", "{cart}");
    for restaurant in [created["id"].clone(), Value::Null] {
        promise(platform, admin, key, &restaurant).await;
    }
    admin.send(Method::DELETE, &path, Some(&key.access), None).await;
}

/// A search for what many cook: what it asks for their meals has an alternative for each of them, and is another statement than
/// that for one.
async fn search_by_dish(admin: &Diner, key: &Tokens) {
    let found = admin.get_as(key, "/restaurants/search?query=adana+kebap").await.json();
    let rows = found["restaurants"].as_array().unwrap();
    let by_dish = rows.iter().filter(|row| row["matches"].as_array().is_some_and(|matches| !matches.is_empty()));
    assert!(by_dish.count() > 1, "{found}");
}

/// What somebody does with a cart that is to have this item.
async fn fill_cart(platform: &Platform, diner: &Diner, key: &Tokens, item: Value) {
    platform.idle().await;
    let meal = item["meal_id"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        (Method::POST, "/carts/add".to_owned(), Some(item.clone())),
        (Method::GET, "/carts/get".to_owned(), None),
        (Method::GET, "/carts/current".to_owned(), None),
        (Method::PATCH, format!("/carts/update/{meal}"), Some(json!({ "quantity": 3 }))),
        (Method::DELETE, format!("/carts/remove/{meal}"), None),
        (Method::POST, "/carts/add".to_owned(), Some(item.clone())),
        (Method::DELETE, "/carts/clear".to_owned(), None),
        (Method::POST, "/carts/add".to_owned(), Some(item)),
    ] {
        let answer = diner.send(method, &path, Some(&key.access), body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

/// What the restaurant writes on its menu, and what everybody reads there.
async fn cook(platform: &Platform, admin: &Diner, key: &Tokens, restaurant: &str) {
    let path = format!("/restaurants/{restaurant}");
    let mut parts = Vec::new();
    for (part, body) in [
        ("categories", json!({ "name": "Kebaplar" })),
        ("mealtimes", json!({ "name": "Akşam", "hours": { "monday": "18:00-02:00" } })),
        ("groups", json!({ "name": "Acı", "options": [{ "name": "Acılı" }] })),
    ] {
        let created = admin.post_as(key, &format!("{path}/{part}"), body).await.json();
        parts.push((format!("{path}/{part}/{}", created["id"].as_str().unwrap()), created));
    }
    let option = parts[2].1["options"][0]["id"].as_str().unwrap().to_owned();
    let drink = json!({ "restaurant_id": restaurant, "name": "Ayran", "price": 35.5 });
    let drink = admin.post_as(key, "/meals", drink).await.json();
    let meal = json!({
        "restaurant_id": restaurant, "name": "Adana Kebap", "price": 240, "complementary_ids": [drink["id"]],
        "category_id": parts[0].1["id"], "mealtime_id": parts[1].1["id"], "group_ids": [parts[2].1["id"]],
    });
    let meal = admin.post_as(key, "/meals", meal).await.json();
    let meal = format!("/meals/{}", meal["id"].as_str().unwrap());
    for path in
        [&meal, &format!("{meal}/complementary"), &format!("/meals/restaurant/{restaurant}"), &format!("{path}/menu")]
    {
        let answer = admin.get_as(key, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
    fill_cart(platform, admin, key, json!({ "restaurant_id": restaurant, "meal_id": drink["id"], "quantity": 2 }))
        .await;
    let off = json!({ "is_available": false, "until": "end_of_day" });
    for (method, path, body) in [
        (Method::PUT, meal.clone(), Some(json!({ "name": "Urfa Kebap", "complementary_ids": [], "group_ids": [] }))),
        (
            Method::PUT,
            meal.clone(),
            Some(json!({ "complementary_ids": [drink["id"]], "group_ids": [parts[2].1["id"]] })),
        ),
        (Method::PUT, meal.clone(), Some(json!({ "complementary_ids": [drink["id"]] }))),
        (Method::PATCH, format!("{meal}/availability"), Some(off)),
        (Method::PATCH, format!("{path}/options/{option}/availability"), Some(json!({ "is_available": false }))),
        (Method::PUT, parts[0].0.clone(), Some(json!({ "name": "Izgaralar" }))),
        (Method::PUT, parts[1].0.clone(), Some(json!({ "name": "Gece" }))),
        (Method::PUT, parts[2].0.clone(), Some(json!({ "options": [] }))),
        (Method::DELETE, parts[0].0.clone(), None),
        (Method::DELETE, parts[2].0.clone(), None),
        (Method::PUT, meal.clone(), Some(json!({ "mealtime_id": null }))),
        (Method::DELETE, parts[1].0.clone(), None),
        (Method::DELETE, format!("/meals/{}", drink["id"].as_str().unwrap()), None),
    ] {
        let answer = admin.send(method, &path, Some(&key.access), body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

/// What an owner does with a campaign, or an admin with one of the platform.
async fn promise(platform: &Platform, admin: &Diner, key: &Tokens, restaurant: &Value) {
    let (start, end) = (platform.now(), platform.now() + Duration::from_secs(24 * 60 * 60));
    let campaign = json!({
        "title": "Hafta sonu", "description": "Cumartesi ve pazar", "start_date": start, "end_date": end,
        "restaurant_id": restaurant, "code": "LIMAN10", "kind": "percent", "value": 10,
    });
    let preview = admin.post_as(key, "/campaigns/preview", campaign.clone()).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    let created = admin.post_as(key, "/campaigns", campaign).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let path = format!("/campaigns/{}", created.json()["id"].as_str().unwrap());
    let of_restaurant = format!("/restaurants/{}/campaigns", restaurant.as_str().unwrap_or(ID));
    for path in [path.as_str(), &format!("{path}/preview"), "/campaigns"] {
        assert_eq!(admin.get_as(key, path).await.status, 200, "{path}");
    }
    admin.get_as(key, &of_restaurant).await;
    for method in [Method::PUT, Method::DELETE] {
        let answer = admin.send(method.clone(), &path, Some(&key.access), Some(json!({ "value": 15 }))).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
    }
}
