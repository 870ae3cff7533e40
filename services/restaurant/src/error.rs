//! What can go wrong here, and what a client sees of it.

use std::time::Duration;

use axum::http::StatusCode;
use contracts::geography::InvalidDeliveryArea;
use database::DatabaseError;
use kit::{Fault, Problem, Text, TooManyWrites, row_at};
use tokio::task::JoinError;

use crate::model::of_area;

/// When a search may be tried again.
const BUSY_DELAY: Duration = Duration::from_secs(1);

/// Why an action had no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestaurantError {
    /// There is no such restaurant, or the caller may not know of it.
    #[error("there is no such restaurant")]
    NotFound,
    /// The caller may see the restaurant and not change it, or may own none.
    #[error("the restaurant is not the caller's to change")]
    NotYours,
    /// An owner has so many restaurants and no more.
    #[error("the list of restaurants is full")]
    TooManyRestaurants,
    /// A manager has written so often on this day and no more; the next one begins so much later.
    #[error("the manager has written too often today")]
    TooManyWrites(#[from] TooManyWrites),
    /// The delivery area is not around the address.
    #[error("the delivery area does not fit: {0}")]
    AreaInvalid(InvalidDeliveryArea),
    /// There is no such campaign, or the caller may not know of it.
    #[error("there is no such campaign")]
    CampaignNotFound,
    /// The fields of a campaign do not go together.
    #[error("the campaign is not valid: {0:?}")]
    CampaignInvalid(Vec<Fault>),
    /// An owner has so many campaigns that have not ended and no more.
    #[error("the list of campaigns is full")]
    TooManyCampaigns,
    /// Another campaign of the same owner has the code.
    #[error("the coupon code is taken")]
    CouponCodeTaken,
    /// Special days or closures are years away.
    #[error("the hours are not valid: {0:?}")]
    HoursInvalid(Vec<Fault>),
    /// A break begins now and ends later.
    #[error("the pause ends before it begins")]
    PauseIsOver,
    /// A break of weeks is a closure.
    #[error("the pause is too long")]
    PauseTooLong,
    /// There is no such thing on a menu that the caller may know of.
    #[error("there is no such {0:?}")]
    NoSuch(MenuPart),
    /// A menu has so many of them and no more.
    #[error("the menu has too many of {0:?}")]
    TooMany(MenuPart),
    /// What other services would be sent of the menu is too much.
    #[error("the menu is too large")]
    MenuTooLarge,
    /// What is named there is another restaurant's, or nobody's.
    #[error("{0:?} names what is not the restaurant's")]
    OfAnother(Place),
    /// Meals are served at that time, which would be served all day without it.
    #[error("meals are served at this time")]
    MealtimeInUse,
    /// More must be chosen than may be.
    #[error("more must be chosen than may be")]
    MaxBelowMin,
    /// More must be chosen than there is; the field is the one that says so.
    #[error("more must be chosen than there is")]
    MinAboveOptions(&'static str),
    /// A meal stays on the menu on which it was written down.
    #[error("a meal can't move to another menu")]
    Moved,
    /// What is sold out comes back later than now.
    #[error("what is sold out is back already")]
    SoldOutIsOver,
    /// What does not come back for more than a year is not on the menu.
    #[error("it is sold out for too long")]
    SoldOutTooLong,
    /// The idempotency key stands for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Not all restaurants have been read yet.
    #[error("the index of restaurants is being built")]
    IndexNotBuilt,
    /// So many search at once and no more.
    #[error("too many searches wait already")]
    SearchBusy,
    /// A search ended before it had an answer.
    #[error(transparent)]
    SearchFailed(#[from] JoinError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl RestaurantError {
    /// Whether there may be something that the caller may not know of.
    pub(crate) fn hides(&self) -> bool {
        matches!(self, Self::NotFound | Self::CampaignNotFound | Self::NoSuch(_))
    }
}

/// Where in a body something is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Field(&'static str),
    /// In a row of this list.
    Row(&'static str, usize),
    /// In this field of a row of this list.
    FieldOfRow(&'static str, usize, &'static str),
}

/// What a menu is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MenuPart {
    Meal,
    Category,
    Group,
    Option,
    Mealtime,
}

impl From<RestaurantError> for Problem {
    fn from(error: RestaurantError) -> Self {
        let of_until = |code, tr, en| Self::invalid(vec![Fault::new("until", code, Text::new(tr, en))]);
        match error {
            RestaurantError::NotFound => {
                Self::not_found("RESTAURANT_NOT_FOUND", "Restoran bulunamadı.", "Restaurant not found")
            }
            RestaurantError::NotYours => {
                Self::forbidden("PERMISSION_DENIED", "Bu restoran için yetkiniz yok.", "Permission denied")
            }
            RestaurantError::TooManyRestaurants => Self::conflict(
                "TOO_MANY_RESTAURANTS",
                "Restoran listeniz dolu; önce birini silin.",
                "Your list of restaurants is full; delete one first.",
            ),
            RestaurantError::TooManyWrites(error) => error.into(),
            RestaurantError::AreaInvalid(fault) => Self::invalid(vec![of_area(fault).within("delivery_area")]),
            RestaurantError::CampaignNotFound => {
                Self::not_found("CAMPAIGN_NOT_FOUND", "Kampanya bulunamadı.", "Campaign not found")
            }
            RestaurantError::CampaignInvalid(faults) | RestaurantError::HoursInvalid(faults) => Self::invalid(faults),
            RestaurantError::TooManyCampaigns => Self::conflict(
                "TOO_MANY_CAMPAIGNS",
                "Süren 50 kampanya var; önce birini silin.",
                "There are 50 campaigns that have not ended; delete one first.",
            ),
            RestaurantError::CouponCodeTaken => Self::conflict(
                "COUPON_CODE_TAKEN",
                "Bu kupon kodu aynı günlerde başka bir kampanyanızda var.",
                "Another campaign of yours has this coupon code at the same time.",
            ),
            RestaurantError::PauseIsOver => {
                of_until("TIME_PAST", "Ara gelecekte bitmelidir.", "A pause must end in the future.")
            }
            RestaurantError::PauseTooLong => of_until(
                "TOO_LONG",
                "Ara en çok 24 saat sürer; daha uzunu için kapalı dönem yazın.",
                "A pause lasts 24 hours at most; write a closure for more.",
            ),
            RestaurantError::NoSuch(part) => part.not_found(),
            RestaurantError::TooMany(part) => part.too_many(),
            RestaurantError::MenuTooLarge => Self::conflict(
                "MENU_TOO_LARGE",
                "Menü çok büyüdü; önce bir şey silin ya da adları kısaltın.",
                "The menu has grown too large; delete something or shorten names first.",
            ),
            RestaurantError::OfAnother(place) => Self::invalid(vec![place.fault("NOT_OF_THE_RESTAURANT", OF_ANOTHER)]),
            RestaurantError::MealtimeInUse => Self::conflict(
                "MEALTIME_IN_USE",
                "Bu öğünde sunulan yemekler var; önce onları değiştirin.",
                "Meals are served at this time; change them first.",
            ),
            RestaurantError::MaxBelowMin => {
                let text = Text::new("En çok, en azdan küçük olamaz.", "The most can't be less than the least.");
                Self::invalid(vec![Fault::new("max", "MAX_BELOW_MIN", text)])
            }
            RestaurantError::MinAboveOptions(field) => {
                let text = Text::new(
                    "Seçenekler, seçilmesi gereken en az sayıya yetmiyor.",
                    "The options are fewer than must be chosen at least.",
                );
                Self::invalid(vec![Fault::new(field, "MIN_ABOVE_OPTIONS", text)])
            }
            RestaurantError::Moved => {
                let text =
                    Text::new("Bir yemek başka bir restorana taşınamaz.", "A meal can't move to another restaurant.");
                Self::invalid(vec![Fault::new("restaurant_id", "MOVED", text)])
            }
            RestaurantError::SoldOutIsOver => {
                of_until("TIME_PAST", "Bu zaman gelecekte olmalıdır.", "This time must be in the future.")
            }
            RestaurantError::SoldOutTooLong => of_until(
                "TOO_LONG",
                "Bu zaman en çok bir yıl sonra olabilir.",
                "This time can be a year from now at most.",
            ),
            RestaurantError::KeyReused => kit::idempotency::reused(),
            RestaurantError::IndexNotBuilt => Self::unavailable(),
            RestaurantError::SearchBusy => {
                let text = Text::new(
                    "Şu anda çok fazla arama yapılıyor, lütfen birazdan yeniden deneyin.",
                    "Too many searches are running, please try again shortly.",
                );
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "SEARCH_BUSY", text).retry_after(BUSY_DELAY)
            }
            RestaurantError::SearchFailed(error) => Self::unexpected(&error),
            RestaurantError::Database(error) => error.into(),
        }
    }
}

const OF_ANOTHER: Text = Text::new("Bu, bu restoranın değil.", "This is not the restaurant's.");

impl Place {
    fn fault(self, code: &'static str, text: Text) -> Fault {
        match self {
            Self::Field(field) => Fault::new(field, code, text),
            Self::Row(list, row) => Self::FieldOfRow(list, row, "").fault(code, text),
            Self::FieldOfRow(list, row, field) => Fault::new(field, code, text).within(&row_at(row)).within(list),
        }
    }
}

impl MenuPart {
    fn not_found(self) -> Problem {
        match self {
            Self::Meal => Problem::not_found("MEAL_NOT_FOUND", "Yemek bulunamadı.", "Meal not found"),
            Self::Category => Problem::not_found("CATEGORY_NOT_FOUND", "Kategori bulunamadı.", "Category not found"),
            Self::Group => {
                Problem::not_found("OPTION_GROUP_NOT_FOUND", "Seçenek grubu bulunamadı.", "Option group not found")
            }
            Self::Option => Problem::not_found("OPTION_NOT_FOUND", "Seçenek bulunamadı.", "Option not found"),
            Self::Mealtime => Problem::not_found("MEALTIME_NOT_FOUND", "Öğün bulunamadı.", "Mealtime not found"),
        }
    }

    fn too_many(self) -> Problem {
        let (code, tr, en) = match self {
            Self::Meal => (
                "TOO_MANY_MEALS",
                "Menüde en çok 500 yemek olabilir; önce birini silin.",
                "A menu can have at most 500 meals; delete one first.",
            ),
            Self::Category => (
                "TOO_MANY_CATEGORIES",
                "Menüde en çok 100 kategori olabilir; önce birini silin.",
                "A menu can have at most 100 categories; delete one first.",
            ),
            Self::Group => (
                "TOO_MANY_OPTION_GROUPS",
                "Menüde en çok 100 seçenek grubu olabilir; önce birini silin.",
                "A menu can have at most 100 option groups; delete one first.",
            ),
            Self::Option => (
                "TOO_MANY_OPTIONS",
                "Menüde en çok 2000 seçenek olabilir; önce birini silin.",
                "A menu can have at most 2000 options; delete one first.",
            ),
            Self::Mealtime => (
                "TOO_MANY_MEALTIMES",
                "Menüde en çok 20 öğün olabilir; önce birini silin.",
                "A menu can have at most 20 mealtimes; delete one first.",
            ),
        };
        Problem::conflict(code, tr, en)
    }
}
