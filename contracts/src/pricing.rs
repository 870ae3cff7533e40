//! What one unit of a meal costs with what is chosen for it, or why it can't be had.
//!
//! Pure: whoever asks gives the time. The menu and the checkout ask the same functions, so that they agree.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::opening_hours::Schedule;
use crate::{
    CatalogGroup, CatalogMeal, CatalogMealtime, CatalogMenu, MealId, MealtimeId, Money, OptionGroupId, OptionId,
};

/// A meal with its options, as somebody wants one unit of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The meal.
    pub meal_id: MealId,
    /// What is wanted with it, and how often; a choice that comes twice counts as often as both say.
    pub options: Vec<(OptionId, u16)>,
    /// What it has cost when it was chosen; `None` where nobody was shown a price.
    pub expected: Option<Money>,
}

/// When and where somebody wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When the kitchen begins.
    pub at: DateTime<Utc>,
    /// Where the clocks of the restaurant hang.
    pub time_zone: Tz,
}

/// Why a selection has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceRefusal {
    /// The meal is not on the menu, sold out, or one of its groups can't be chosen from.
    #[error("the meal is not available")]
    MealUnavailable,
    /// The meal is not served at that time.
    #[error("the meal is not served at this time")]
    MealtimeOver,
    /// The option is none of the meal's.
    #[error("the meal has no such option")]
    OptionUnknown(OptionId),
    /// The option can't be had.
    #[error("the option is not available")]
    OptionUnavailable(OptionId),
    /// More of the group must be chosen.
    #[error("too few options of the group are chosen")]
    TooFewChoices(OptionGroupId),
    /// Less of the group may be chosen, or of one of its options.
    #[error("too many options of the group are chosen")]
    TooManyChoices(OptionGroupId),
    /// It costs this now.
    #[error("the price has changed")]
    PriceChanged(Money),
}

impl PriceRefusal {
    /// The stable word for clients.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MealUnavailable => "MEAL_UNAVAILABLE",
            Self::MealtimeOver => "MEALTIME_OVER",
            Self::OptionUnknown(_) => "OPTION_UNKNOWN",
            Self::OptionUnavailable(_) => "OPTION_UNAVAILABLE",
            Self::TooFewChoices(_) => "TOO_FEW_CHOICES",
            Self::TooManyChoices(_) => "TOO_MANY_CHOICES",
            Self::PriceChanged(_) => "PRICE_CHANGED",
        }
    }
}

impl CatalogMenu {
    /// What one unit of `selection` costs at `moment`.
    ///
    /// # Errors
    /// The first reason why it can't be had so, the meal's before its options'.
    pub fn unit_price(&self, selection: &Selection, moment: Moment) -> Result<Money, PriceRefusal> {
        let meal = self.meals.iter().find(|meal| meal.id == selection.meal_id).ok_or(PriceRefusal::MealUnavailable)?;
        self.check(meal, moment)?;
        let groups: Vec<&CatalogGroup> = meal.group_ids.iter().filter_map(|id| self.group(*id)).collect();
        let mut price = meal.price_kurus;
        let mut counts: HashMap<OptionGroupId, u64> = HashMap::new();
        for (id, quantity) in selection.counted() {
            let (group, added) = chosen(&groups, id, quantity)?;
            price = price.checked_add(added).ok_or(PriceRefusal::TooManyChoices(group))?;
            *counts.entry(group).or_default() += quantity;
        }
        for group in groups {
            group.check(counts.get(&group.id).copied().unwrap_or_default())?;
        }
        match selection.expected {
            Some(expected) if expected != price => Err(PriceRefusal::PriceChanged(price)),
            Some(_) | None => Ok(price),
        }
    }

    /// Whether the meal can be ordered at `moment`, whatever is chosen with it.
    ///
    /// # Errors
    /// It can't be had, or not then.
    pub fn check(&self, meal: &CatalogMeal, moment: Moment) -> Result<(), PriceRefusal> {
        if !meal.is_available_at(moment.at) || !meal.group_ids.iter().all(|id| self.can_be_met(*id)) {
            return Err(PriceRefusal::MealUnavailable);
        }
        match meal.mealtime_id.map(|id| self.mealtime(id)) {
            None => Ok(()),
            Some(Some(mealtime)) if mealtime.is_on(moment) => Ok(()),
            Some(_) => Err(PriceRefusal::MealtimeOver),
        }
    }

    fn can_be_met(&self, id: OptionGroupId) -> bool {
        self.group(id).is_some_and(CatalogGroup::can_be_met)
    }

    fn group(&self, id: OptionGroupId) -> Option<&CatalogGroup> {
        self.groups.iter().find(|group| group.id == id)
    }

    fn mealtime(&self, id: MealtimeId) -> Option<&CatalogMealtime> {
        self.mealtimes.iter().find(|mealtime| mealtime.id == id)
    }
}

impl Selection {
    /// Each option once; what is wanted no time is not wanted.
    fn counted(&self) -> BTreeMap<OptionId, u64> {
        let mut counted = BTreeMap::new();
        for (id, quantity) in self.options.iter().filter(|(_, quantity)| *quantity > 0) {
            *counted.entry(*id).or_default() += u64::from(*quantity);
        }
        counted
    }
}

/// The group of the option, and what so much of it adds.
fn chosen(groups: &[&CatalogGroup], id: OptionId, quantity: u64) -> Result<(OptionGroupId, Money), PriceRefusal> {
    let mut options = groups.iter().flat_map(|group| group.options.iter().map(|option| (group.id, option)));
    let (group, option) = options.find(|(_, option)| option.id == id).ok_or(PriceRefusal::OptionUnknown(id))?;
    if !option.is_available {
        return Err(PriceRefusal::OptionUnavailable(id));
    }
    if quantity > option.max_quantity.into() {
        return Err(PriceRefusal::TooManyChoices(group));
    }
    let quantity = u32::try_from(quantity).map_err(|_| PriceRefusal::TooManyChoices(group))?;
    Ok((group, option.price_kurus.checked_mul(quantity).ok_or(PriceRefusal::TooManyChoices(group))?))
}

impl CatalogMeal {
    /// Whether nobody has switched it off, or only until then.
    #[must_use]
    pub fn is_available_at(&self, now: DateTime<Utc>) -> bool {
        self.is_available || self.sold_out_until.is_some_and(|until| until <= now)
    }
}

impl CatalogMealtime {
    /// Whether its meals are served at `moment`. A night runs to its end, as with opening hours.
    #[must_use]
    pub fn is_on(&self, moment: Moment) -> bool {
        let schedule = Schedule {
            time_zone: moment.time_zone,
            week: self.hours.clone(),
            special_days: BTreeMap::new(),
            closures: Vec::new(),
            paused_until: None,
            last_order_minutes: 0,
        };
        schedule.state(moment.at).is_open()
    }
}

impl CatalogGroup {
    /// Whether so much can be chosen as must be.
    #[must_use]
    pub fn can_be_met(&self) -> bool {
        let available = self.options.iter().filter(|option| option.is_available);
        let most: u64 = available.map(|option| u64::from(option.max_quantity)).sum();
        u64::from(self.min) <= most && self.max.is_none_or(|max| self.min <= max)
    }

    fn check(&self, chosen: u64) -> Result<(), PriceRefusal> {
        match chosen {
            _ if chosen < self.min.into() => Err(PriceRefusal::TooFewChoices(self.id)),
            _ if self.max.is_some_and(|max| chosen > max.into()) => Err(PriceRefusal::TooManyChoices(self.id)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> uuid::Uuid {
        uuid::Uuid::from_u128(number.into())
    }

    fn kurus(kurus: i64) -> Money {
        Money::from_kurus(kurus).unwrap()
    }

    fn option(number: u8, price: i64, max_quantity: u16, is_available: bool) -> crate::CatalogOption {
        let (id, price_kurus) = (OptionId(id(number)), kurus(price));
        crate::CatalogOption { id, name: format!("option {number}"), price_kurus, max_quantity, is_available }
    }

    fn group(number: u8, min: u16, max: Option<u16>, options: Vec<crate::CatalogOption>) -> CatalogGroup {
        CatalogGroup { id: OptionGroupId(id(number)), name: format!("group {number}"), min, max, options }
    }

    fn meal(number: u8, price: i64, groups: &[u8]) -> CatalogMeal {
        CatalogMeal {
            id: MealId(id(number)),
            name: format!("meal {number}"),
            price_kurus: kurus(price),
            is_available: true,
            sold_out_until: None,
            mealtime_id: None,
            group_ids: groups.iter().map(|number| OptionGroupId(id(*number))).collect(),
            vat_bp: crate::FOOD_VAT_BP,
        }
    }

    /// A meal, the options that are wanted and how often, and what that costs.
    type PriceCase = (u8, &'static [(u8, u16)], Result<i64, PriceRefusal>);

    /// Meals 1 and 2 share group 10, where one is chosen; 1 has extras in group 11, of which up to three in all.
    fn menu() -> CatalogMenu {
        let spice =
            group(10, 1, Some(1), vec![option(20, 0, 1, true), option(21, 150, 1, true), option(22, 0, 1, false)]);
        let extras = group(11, 0, Some(3), vec![option(30, 1010, 2, true), option(31, 20, 5, true)]);
        let endless = group(12, 2, None, vec![option(40, 1, 99, true)]);
        CatalogMenu {
            meals: vec![meal(1, 10_010, &[10, 11]), meal(2, 5000, &[10]), meal(3, 100, &[12]), meal(4, 100, &[])],
            mealtimes: Vec::new(),
            groups: vec![spice, extras, endless],
        }
    }

    /// Noon of a Monday in UTC, three o'clock in Istanbul.
    fn noon() -> Moment {
        Moment { at: "2026-03-02T12:00:00Z".parse().unwrap(), time_zone: Tz::Europe__Istanbul }
    }

    fn price(menu: &CatalogMenu, meal: u8, options: &[(u8, u16)]) -> Result<i64, PriceRefusal> {
        let options = options.iter().map(|(number, quantity)| (OptionId(id(*number)), *quantity)).collect();
        let selection = Selection { meal_id: MealId(id(meal)), options, expected: None };
        menu.unit_price(&selection, noon()).map(Money::kurus)
    }

    #[test]
    fn a_unit_costs_its_meal_and_each_option_as_often_as_it_is_wanted() {
        let few = |group| Err(PriceRefusal::TooFewChoices(OptionGroupId(id(group))));
        let many = |group| Err(PriceRefusal::TooManyChoices(OptionGroupId(id(group))));
        let unknown = |option| Err(PriceRefusal::OptionUnknown(OptionId(id(option))));
        let cases: &[PriceCase] = &[
            (1, &[(20, 1)], Ok(10_010)),
            (1, &[(21, 1)], Ok(10_160)),
            (1, &[(21, 1), (30, 1), (31, 2)], Ok(11_210)),
            (1, &[(21, 1), (30, 1), (30, 1)], Ok(12_180)),
            (1, &[(20, 1), (31, 0)], Ok(10_010)),
            (2, &[(21, 1)], Ok(5150)),
            (3, &[(40, 2)], Ok(102)),
            (3, &[(40, 99)], Ok(199)),
            (4, &[], Ok(100)),
            (1, &[], few(10)),
            (1, &[(30, 1)], few(10)),
            (1, &[(20, 0)], few(10)),
            (3, &[(40, 1)], few(12)),
            (1, &[(20, 1), (21, 1)], many(10)),
            (1, &[(20, 2)], many(10)),
            (1, &[(20, 1), (30, 3)], many(11)),
            (1, &[(20, 1), (30, 2), (30, 1)], many(11)),
            (1, &[(20, 1), (30, 2), (31, 2)], many(11)),
            (3, &[(40, 100)], many(12)),
            (1, &[(22, 1)], Err(PriceRefusal::OptionUnavailable(OptionId(id(22))))),
            (2, &[(21, 1), (30, 1)], unknown(30)),
            (4, &[(20, 1)], unknown(20)),
            (4, &[(99, 1)], unknown(99)),
            (9, &[], Err(PriceRefusal::MealUnavailable)),
        ];

        for (meal, options, expected) in cases {
            assert_eq!(price(&menu(), *meal, options), *expected, "meal {meal} with {options:?}");
        }
    }

    #[test]
    fn a_meal_whose_group_can_t_be_chosen_from_is_unavailable() {
        let mut menu = menu();
        for option in &mut menu.groups[0].options {
            option.is_available = false;
        }

        assert_eq!(price(&menu, 1, &[(20, 1)]), Err(PriceRefusal::MealUnavailable));
        assert_eq!(price(&menu, 3, &[(40, 2)]), Ok(102));
        menu.groups.remove(2);
        assert_eq!(price(&menu, 3, &[]), Err(PriceRefusal::MealUnavailable), "its group is gone");
    }

    #[test]
    fn what_is_sold_out_comes_back_at_its_time() {
        let mut menu = menu();
        let until = |time: &str| Some(time.parse().unwrap());
        for (is_available, sold_out_until, expected) in [
            (false, None, Err(PriceRefusal::MealUnavailable)),
            (false, until("2026-03-02T12:00:01Z"), Err(PriceRefusal::MealUnavailable)),
            (false, until("2026-03-02T12:00:00Z"), Ok(100)),
            (true, None, Ok(100)),
        ] {
            menu.meals[3] = CatalogMeal { is_available, sold_out_until, ..menu.meals[3].clone() };
            assert_eq!(price(&menu, 4, &[]), expected, "{sold_out_until:?}");
        }
    }

    #[test]
    fn a_meal_is_served_at_its_time_by_the_clocks_of_the_restaurant() {
        let mut menu = menu();
        menu.meals[3].mealtime_id = Some(MealtimeId(id(50)));
        assert_eq!(price(&menu, 4, &[]), Err(PriceRefusal::MealtimeOver), "its mealtime is gone");
        for (hours, expected) in [
            (r#"{"monday":"15:00-16:00"}"#, Ok(100)),
            (r#"{"monday":"14:00-15:00"}"#, Err(PriceRefusal::MealtimeOver)),
            (r#"{"sunday":"18:00-15:30"}"#, Ok(100)),
            (r#"{"tuesday":"15:00-16:00"}"#, Err(PriceRefusal::MealtimeOver)),
        ] {
            let hours = serde_json::from_str(hours).unwrap();
            menu.mealtimes = vec![CatalogMealtime { id: MealtimeId(id(50)), name: "Öğle".to_owned(), hours }];
            assert_eq!(price(&menu, 4, &[]), expected, "{:?}", menu.mealtimes);
        }
    }

    #[test]
    fn whoever_was_shown_another_price_is_shown_the_new_one() {
        let selection =
            |expected| Selection { meal_id: MealId(id(4)), options: Vec::new(), expected: Some(kurus(expected)) };

        assert_eq!(menu().unit_price(&selection(100), noon()), Ok(kurus(100)));
        assert_eq!(menu().unit_price(&selection(99), noon()), Err(PriceRefusal::PriceChanged(kurus(100))));
        assert_eq!(PriceRefusal::PriceChanged(kurus(100)).code(), "PRICE_CHANGED");
    }

    #[test]
    fn no_sum_is_rounded() {
        let mut menu = menu();
        menu.meals[3].price_kurus = kurus(10);
        menu.meals[3].group_ids = vec![OptionGroupId(id(13))];
        menu.groups.push(group(13, 0, None, vec![option(60, 20, 1, true)]));

        let total = price(&menu, 4, &[(60, 1)]).unwrap();

        assert_eq!(serde_json::to_string(&kurus(total)).unwrap(), "0.3");
    }
}
