//! Pictures of the demo town, which everybody sees.

use kit::testing::Engine;

use crate::fixture::Fixture;
use crate::model::demo;

/// A route that names no restaurant.
pub(super) const PICTURES: (&str, &str) = ("GET", "/media/demo/{kind}/{file}");

#[tokio::test]
async fn a_picture_is_a_picture_and_nothing_else_has_one() {
    let anyone = Fixture::on(Engine::Sqlite).await.unwrap().client();
    let meal = demo::town().next().unwrap().meals()[0];

    let found = anyone.get(&demo::meal_picture(&meal)).await;

    assert_eq!((found.status, found.header("content-type")), (200, "image/svg+xml"));
    assert!(found.header("content-security-policy").contains("sandbox"));
    assert!(found.text.starts_with("<svg "), "{}", found.text);
    for path in
        ["/media/demo/meal/17.svg", "/media/demo/restaurant/17", &demo::meal_picture(&meal).replace("meal", "x")]
    {
        assert_eq!(anyone.get(path).await.status, 404, "{path}");
    }
}
