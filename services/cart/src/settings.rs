//! How this service is set up; the names of the settings are the app's.

use contracts::RestaurantId;

/// What cart does besides what callers ask for.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Restaurants of a demo, whose kitchens answer orders and bring them by themselves. Outside a demo there is none.
    pub demo_kitchens: Vec<RestaurantId>,
}
