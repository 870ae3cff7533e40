//! What is wrong is refused with its stable code and the field's name, and leaves nothing behind.

use contracts::Secret;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Diner, Platform, http_client, read};

#[tokio::test]
async fn a_body_that_is_none_is_refused_by_its_fault() {
    let platform = Platform::start().await;
    let url = platform.url("/auth/register");
    let post = || http_client().post(&url);
    let json = |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    let cases = [
        (post(), StatusCode::BAD_REQUEST, "INVALID_PAYLOAD"),
        (json(post()), StatusCode::BAD_REQUEST, "INVALID_PAYLOAD"),
        (json(post()).body("{"), StatusCode::BAD_REQUEST, "INVALID_PAYLOAD"),
        (json(post()).body("[]"), StatusCode::BAD_REQUEST, "INVALID_PAYLOAD"),
        (json(post()).body(b"{\"email\":\"\xff\"}".to_vec()), StatusCode::BAD_REQUEST, "INVALID_PAYLOAD"),
        (
            post().header("content-type", "text/plain").body("{}"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (json(post()).body(vec![b' '; 2 << 20]), StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"),
    ];

    for (request, status, code) in cases {
        let refused = read(request).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
        assert_eq!(refused.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn every_faulty_field_is_named_at_once() {
    let platform = Platform::start().await;
    let diner = Diner::new(&platform, "ayse@example.com");

    let refused = diner.post("/auth/register", json!({})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.faulty_fields(), ["email", "password"]);
    assert!(refused.json()["detail"].is_string());

    let refused = diner.post("/auth/register", json!({ "email": 5, "password": ["x"] })).await;
    assert_eq!(faults(&refused), [("email".into(), "WRONG_TYPE".into()), ("password".into(), "WRONG_TYPE".into())]);
}

#[tokio::test]
async fn only_addresses_that_get_mail_are_registered() {
    let platform = Platform::start().await;
    let long = format!("{}@example.com", "a".repeat(65));
    let cases = [
        ("", "EMAIL_EMPTY"),
        ("a", "EMAIL_INVALID"),
        ("a@localhost", "EMAIL_INVALID"),
        ("İsmail@example.com", "EMAIL_INVALID"),
        ("ısmail@example.com", "EMAIL_INVALID"),
        ("a\0b@example.com", "EMAIL_INVALID"),
        ("a\r\nbcc: b@example.com", "EMAIL_INVALID"),
        (&long, "EMAIL_TOO_LONG"),
    ];

    for (email, code) in cases {
        let refused = Diner::new(&platform, email).register().await;
        assert_eq!(faults(&refused), [("email".to_owned(), code.to_owned())], "{email:?}");
    }
}

#[tokio::test]
async fn passwords_are_refused_for_what_is_wrong_with_them_and_nothing_else() {
    let platform = Platform::start().await;
    let turkish = |characters: usize| "ş".repeat(characters - 1) + "x";
    let refused = [
        ("7 karak".to_owned(), "PASSWORD_TOO_SHORT"),
        (turkish(257), "PASSWORD_TOO_LONG"),
        ("password1".to_owned(), "PASSWORD_TOO_COMMON"),
        ("Galatasaray".to_owned(), "PASSWORD_TOO_COMMON"),
        ("with\0a zero byte".to_owned(), "PASSWORD_HAS_CONTROL_CHARACTERS"),
        ("my ayse@example.com!".to_owned(), "PASSWORD_CONTAINS_EMAIL"),
    ];
    let accepted = [turkish(8), turkish(72), turkish(73), turkish(256)];

    for (password, code) in refused {
        let answer = Diner::new(&platform, "ayse@example.com").with_password(&password).register().await;
        assert_eq!(faults(&answer), [("password".to_owned(), code.to_owned())], "{password:?}");
    }
    for (number, password) in accepted.into_iter().enumerate() {
        let diner = Diner::new(&platform, &format!("diner{number}@example.com")).with_password(&password);
        assert_eq!(diner.register().await.status, StatusCode::CREATED);
        let token = diner.token_from_mail("verification").await;
        diner.verify(&token).await.tokens();
        diner.login().await.tokens();
    }
}

#[tokio::test]
async fn tokens_that_are_not_ours_open_nothing() {
    let platform = Platform::start().await;
    let (diner, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
    let [header, claims, signature]: [&str; 3] = tokens.access.split('.').collect::<Vec<_>>().try_into().unwrap();
    let encode = |json: Value| data_encoding::BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let mut stolen_claims = platform.claims(&tokens.access);
    stolen_claims["role"] = json!("admin");
    let none = encode(json!({ "alg": "none", "typ": "at+jwt" }));
    let foreign = encode(json!({ "alg": "HS256", "typ": "at+jwt" }));
    let refused = [
        "nonsense".to_owned(),
        tokens.refresh.clone(),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{foreign}.{claims}.{signature}"),
        format!("{header}.{}.{signature}", encode(stolen_claims)),
    ];

    for token in refused {
        for path in ["/auth/me", "/users/me"] {
            let answer = diner.send(Method::GET, path, Some(&token), None).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "INVALID_TOKEN"), "{token}");
        }
    }
    assert_eq!(diner.send(Method::GET, "/auth/me", None, None).await.code(), "NO_TOKEN");
    let public = diner.send(Method::GET, "/auth/health", Some("nonsense"), None).await;
    assert_eq!(public.status, StatusCode::OK, "a bad token on a public route is ignored");

    platform.advance(std::time::Duration::from_secs(15 * 60));
    assert_eq!(diner.get_as(&tokens, "/users/me").await.code(), "TOKEN_EXPIRED");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_meant_are_problems_too() {
    let platform = Platform::start().await;
    let diner = Diner::new(&platform, "ayse@example.com");

    let missing = diner.send(Method::GET, "/auth/nothing", None, None).await;
    assert_eq!((missing.status, missing.code().as_str()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    let wrong = diner.send(Method::DELETE, "/auth/login", None, None).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"));
    assert!(wrong.headers.contains_key("allow"));
}

#[tokio::test]
async fn texts_are_in_the_language_of_the_request() {
    let platform = Platform::start().await;
    let login = |language: &str| {
        let request = http_client().post(platform.url("/auth/login")).header("accept-language", language);
        read(request.json(&json!({ "email": "a@example.com", "password": "bilmiyorum" })))
    };

    let turkish = login("tr").await.json();
    let english = login("en").await.json();

    assert_eq!(turkish["code"], english["code"]);
    assert_ne!(turkish["detail"], english["detail"]);
    for body in [turkish, english] {
        assert_eq!(body["detail"], body["message"]);
        assert_eq!(body["detail"], body["error"]);
        assert_eq!(body["instance"], "/auth/login");
    }
}

/// Every faulty field with its code.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let body = answer.json();
    let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no faults in {body}"));
    errors.iter().map(|error| (text(error, "field"), text(error, "code"))).collect()
}

#[tokio::test]
async fn a_polygon_is_refused_by_its_size_or_by_its_points() {
    let platform = Platform::start().await;
    let meral = Diner::new(&platform, "meral@example.com");
    let password = Secret::new(meral.password.clone());
    auth::admin::create(platform.database(), meral.email.parse().unwrap(), password).await.unwrap();
    let tokens = meral.login().await.tokens();
    let nowhere = json!("00000000-0000-4000-8000-000000000001");
    let body = |points: usize| {
        let ring = vec![[29.0256, 40.9819]; points];
        let area = json!({ "type": "Polygon", "coordinates": [ring] });
        json!({ "name": "Çıpa Kebap", "address_id": nowhere, "delivery_area": area })
    };
    let created = meral.post_as(&tokens, "/restaurants", json!({ "name": "Çıpa", "address_id": nowhere })).await.json();
    let path = format!("/restaurants/{}", created["id"].as_str().unwrap());

    for (method, path) in [(Method::POST, "/restaurants"), (Method::PUT, path.as_str())] {
        let send = async |points| meral.send(method.clone(), path, Some(&tokens.access), Some(body(points))).await;
        let (small, large) = (send(10_000).await, send(20_000).await);

        assert_eq!(
            (small.status, small.faulty_fields()),
            (StatusCode::UNPROCESSABLE_ENTITY, vec!["delivery_area".into()])
        );
        assert_eq!((large.status, large.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"));
    }
}
