//! What is refused before any route is asked, and how refusals are answered.

use serde_json::json;

use super::*;

/// The answer to one request without a body.
async fn refusal(request: axum::http::request::Builder) -> (StatusCode, HeaderMap, serde_json::Value) {
    problem(app(routes()).ask(request.body(Body::empty()).unwrap()).await).await
}

#[tokio::test]
async fn a_request_names_exactly_one_host() {
    let ask = |hosts: &[&str], version| {
        let mut request = Request::builder().uri("/cached").version(version);
        for host in hosts {
            request = request.header("host", *host);
        }
        request.body(Body::empty()).unwrap()
    };
    let app = app(routes());
    use axum::http::Version;
    let fine = [
        ask(&["localhost:8080"], Version::HTTP_11),
        ask(&["[::1]:80"], Version::HTTP_11),
        ask(&[""], Version::HTTP_11),
        ask(&[], Version::HTTP_10),
    ];
    let wrong = [
        ask(&[], Version::HTTP_11),
        ask(&["a", "b"], Version::HTTP_11),
        ask(&["a", "a"], Version::HTTP_10),
        ask(&["a b"], Version::HTTP_11),
        ask(&["user@a"], Version::HTTP_11),
        ask(&["a/b"], Version::HTTP_11),
    ];

    for request in fine {
        let shown = format!("{request:?}");
        assert_eq!(app.ask(request).await.status(), StatusCode::OK, "{shown}");
    }
    for request in wrong {
        let shown = format!("{request:?}");
        let (status, _, body) = problem(app.ask(request).await).await;
        assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &"INVALID_HOST".into()), "{shown}");
    }
}

#[tokio::test]
async fn a_parameter_with_a_control_character_is_named_whatever_route_it_is_for() {
    let cases = [
        ("/cached?name=a%00b", "name"),
        ("/cached?name=a%0Ab", "name"),
        ("/cached?other=x&na%00me=b", "na\0me"),
        ("/named/a%00b", "name"),
        ("/named/a%C2%85b", "name"),
        ("/named/%FF", "path"),
    ];

    for (path, field) in cases {
        let (status, _, body) = refusal(request("GET", path)).await;
        assert_eq!((status, &body["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &field.into()), "{path}");
    }
    for path in ["/cached?name=%C5%9F+x", "/named/a%20b", "/cached?%FF=%FF"] {
        assert_eq!(app(routes()).ask(plain("GET", path)).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_query_of_harmful_parameters_is_answered_in_short() {
    let query = format!("{}%00=&", "n".repeat(100)).repeat(500);

    let (status, _, body) = refusal(request("GET", &format!("/cached?{query}"))).await;

    let errors = body["errors"].as_array().unwrap();
    assert_eq!((status, errors.len()), (StatusCode::UNPROCESSABLE_ENTITY, 16));
    assert_eq!(errors[0]["field"], format!("{}…", "n".repeat(64)));
}

#[tokio::test]
async fn a_refusal_says_in_one_sentence_what_is_wrong_first_and_how_much_more() {
    let details = async |language: &str, body: &'static str| {
        let request = request("POST", "/fields").header("accept-language", language);
        let (_, _, answer) = problem(app(routes()).ask(request.body(Body::from(body)).unwrap()).await).await;
        assert_eq!([&answer["message"], &answer["error"]], [&answer["detail"]; 2]);
        answer["detail"].as_str().unwrap().to_owned()
    };

    assert_eq!(details("tr", "{}").await, "first: Bu alan zorunludur. (2 alan daha hatalı.)");
    assert_eq!(details("en", "{}").await, "first: This field is required. (2 more fields are wrong.)");
    let two = r#"{"first": 1, "second": true}"#;
    assert_eq!(details("tr", two).await, "first: Bu alanın türü yanlış. (1 alan daha hatalı.)");
    assert_eq!(details("en", two).await, "first: This field has the wrong type. (1 more field is wrong.)");
    let one = r#"{"first": true, "second": true}"#;
    assert_eq!(details("tr", one).await, "third: Bu alan zorunludur.");
    assert_eq!(details("en", one).await, "third: This field is required.");
}

#[tokio::test]
async fn a_text_says_in_which_language_it_is_and_that_it_depends_on_the_request() {
    for (asked, answered) in [("en", "en"), ("tr", "tr"), ("de", "tr")] {
        let request =
            request("GET", "/nowhere").header("accept-language", asked).header("origin", "http://localhost:5173");
        let (_, headers, _) = refusal(request).await;

        assert_eq!(headers["content-language"], answered);
        let vary: Vec<_> = headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.contains(&"accept-language") && vary.join(",").contains("origin"), "{vary:?}");
    }
}

#[tokio::test]
async fn a_request_without_a_valid_token_is_answered_with_a_challenge() {
    let (without, headers, _) = refusal(request("GET", "/signed-in")).await;
    let (invalid, invalid_headers, _) =
        refusal(request("GET", "/signed-in").header("authorization", "Bearer x.y.z")).await;

    assert_eq!(
        (without, &headers["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &HeaderValue::from_static("Bearer"))
    );
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    assert_eq!((invalid, &invalid_headers["www-authenticate"]), (StatusCode::UNAUTHORIZED, &challenge));
}

#[tokio::test]
async fn a_problem_may_say_more_than_others_do() {
    let more = || async {
        Problem::conflict("LINE_AMBIGUOUS", "Hangisi?", "Which one?").with("lines", &["a", "b"]).with("count", &2)
    };

    let (_, _, body) = problem(app(Router::new().route("/more", get(more))).ask(plain("GET", "/more")).await).await;

    assert_eq!((&body["lines"], &body["count"]), (&json!(["a", "b"]), &json!(2)));
    assert_eq!((&body["code"], &body["status"]), (&json!("LINE_AMBIGUOUS"), &json!(409)));
}
