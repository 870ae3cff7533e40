//! What a restaurant has earned, added up.

use contracts::Money;

use crate::store::earnings::EarningsRow;

/// The sums of some orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) orders: i64,
    /// What the meals cost before anything was given off.
    pub(super) meals: Money,
    /// What was given off.
    pub(super) discount: Money,
    pub(super) delivery: Money,
    /// What cards were given back.
    pub(super) refunded: Money,
    /// What is left.
    pub(super) net: Money,
}

impl Sums {
    /// Those of all rows.
    pub(super) fn of<'a>(rows: impl IntoIterator<Item = &'a EarningsRow>) -> Self {
        rows.into_iter().fold(Self::default(), |sums, row| sums.plus(Self::from(row)))
    }

    fn plus(self, other: Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            meals: plus(self.meals, other.meals),
            discount: plus(self.discount, other.discount),
            delivery: plus(self.delivery, other.delivery),
            refunded: plus(self.refunded, other.refunded),
            net: plus(self.net, other.net),
        }
    }
}

impl From<&EarningsRow> for Sums {
    fn from(row: &EarningsRow) -> Self {
        Self {
            orders: row.orders,
            meals: row.subtotal_kurus,
            discount: row.discount_kurus,
            delivery: row.delivery_fee_kurus,
            refunded: row.refunded_kurus,
            // Nobody is given back more than they have paid.
            net: row.total_kurus.checked_sub(row.refunded_kurus).unwrap_or_default(),
        }
    }
}

/// No restaurant earns [`Money::MAX`] within a month.
fn plus(one: Money, other: Money) -> Money {
    one.checked_add(other).unwrap_or(Money::MAX)
}

#[cfg(test)]
mod tests {
    use contracts::PaymentMethod;

    use super::*;

    #[test]
    fn what_is_left_is_what_was_paid_less_what_was_given_back() {
        let kurus = |kurus| Money::from_kurus(kurus).unwrap();
        let row = EarningsRow {
            span: 0,
            payment_method: PaymentMethod::CreditCard,
            orders: 2,
            subtotal_kurus: kurus(10_000),
            discount_kurus: kurus(1_000),
            delivery_fee_kurus: kurus(990),
            total_kurus: kurus(9_990),
            refunded_kurus: kurus(490),
        };

        let sums = Sums::of(&[row, row]);

        assert_eq!((sums.orders, sums.meals, sums.discount), (4, kurus(20_000), kurus(2_000)));
        assert_eq!((sums.delivery, sums.refunded, sums.net), (kurus(1_980), kurus(980), kurus(19_000)));
        assert_eq!(Sums::of(&[]), Sums::default());
    }
}
