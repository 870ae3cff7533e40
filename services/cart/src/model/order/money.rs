//! What an order costs: its lines, what is given off, the way, and the tax within.
//!
//! In kuruş, and exact: what is given off is spread over the lines so that their shares sum to it.

use contracts::{CatalogDiscount, Money};

/// The whole, in hundredths of a percent.
const WHOLE: i128 = 10_000;

/// A line, as far as money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineCost {
    /// What all its units cost together.
    pub(crate) total: Money,
    /// The tax within it, in hundredths of a percent.
    pub(crate) vat_bp: u16,
}

/// What the way costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeliveryCost {
    pub(crate) fee: Money,
    /// Whoever orders for so much pays nothing for it.
    pub(crate) free_from: Option<Money>,
    pub(crate) vat_bp: u16,
}

/// An order with all its sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderCost {
    /// What the lines cost before anything is given off.
    pub(crate) subtotal: Money,
    pub(crate) discount: Money,
    pub(crate) delivery_fee: Money,
    pub(crate) total: Money,
    /// The tax within the total.
    pub(crate) vat: Money,
    /// In the order of the lines.
    pub(crate) lines: Vec<LineShare>,
}

/// What of the sums belongs to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineShare {
    pub(crate) discount: Money,
    pub(crate) vat: Money,
}

/// The lines cost more than anybody pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooExpensive;

/// What the lines cost together.
pub(crate) fn subtotal(lines: &[LineCost]) -> Result<Money, TooExpensive> {
    lines.iter().try_fold(Money::ZERO, |sum, line| sum.checked_add(line.total)).ok_or(TooExpensive)
}

/// How much of the meals `discount` gives off, and whether it gives the way.
pub(crate) fn given_off(discount: &CatalogDiscount, subtotal: Money) -> (Money, bool) {
    match discount {
        CatalogDiscount::Percent { value, max_discount_kurus } => {
            let part = kurus(half_up(i128::from(subtotal.kurus()) * i128::from(*value), WHOLE));
            (max_discount_kurus.map_or(part, |most| part.min(most)).min(subtotal), false)
        }
        CatalogDiscount::Amount { value } => ((*value).min(subtotal), false),
        CatalogDiscount::FreeDelivery => (Money::ZERO, true),
    }
}

impl DeliveryCost {
    /// Nothing, for who comes by.
    pub(crate) const PICKUP: Self = Self { fee: Money::ZERO, free_from: None, vat_bp: 0 };

    /// What the way costs whoever orders for `subtotal`.
    pub(crate) fn fee(&self, subtotal: Money) -> Money {
        if self.free_from.is_some_and(|enough| subtotal >= enough) { Money::ZERO } else { self.fee }
    }
}

/// The sums of an order off which `discount` is given.
pub(crate) fn cost(
    lines: &[LineCost],
    delivery: DeliveryCost,
    discount: Option<&CatalogDiscount>,
) -> Result<OrderCost, TooExpensive> {
    let subtotal = subtotal(lines)?;
    let (discount, is_way_given) = discount.map_or((Money::ZERO, false), |discount| given_off(discount, subtotal));
    let delivery_fee = if is_way_given { Money::ZERO } else { delivery.fee(subtotal) };
    let shares = spread(discount, lines);
    let shares: Vec<LineShare> = lines
        .iter()
        .zip(shares)
        .map(|(line, discount)| LineShare { discount, vat: vat_within(minus(line.total, discount), line.vat_bp) })
        .collect();
    let vat =
        shares.iter().map(|share| share.vat.kurus()).sum::<i64>() + vat_within(delivery_fee, delivery.vat_bp).kurus();
    let total = minus(subtotal, discount).checked_add(delivery_fee).ok_or(TooExpensive)?;
    Ok(OrderCost { subtotal, discount, delivery_fee, total, vat: kurus(vat.into()), lines: shares })
}

/// `discount` in parts as large as the lines are: each line its part rounded down, and the kuruş that are left to those that lost
/// most by that, the earlier first.
fn spread(discount: Money, lines: &[LineCost]) -> Vec<Money> {
    let sum: i128 = lines.iter().map(|line| i128::from(line.total.kurus())).sum();
    if sum == 0 {
        return vec![Money::ZERO; lines.len()];
    }
    let exact = |line: &LineCost| i128::from(discount.kurus()) * i128::from(line.total.kurus());
    let mut shares: Vec<i128> = lines.iter().map(|line| exact(line) / sum).collect();
    let left = i128::from(discount.kurus()) - shares.iter().sum::<i128>();
    let mut by_loss: Vec<usize> = (0..lines.len()).collect();
    by_loss.sort_by_key(|place| (std::cmp::Reverse(exact(&lines[*place]) % sum), *place));
    for place in by_loss.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[place] += 1;
    }
    shares.into_iter().map(kurus).collect()
}

/// The tax within what is paid.
fn vat_within(paid: Money, vat_bp: u16) -> Money {
    kurus(half_up(i128::from(paid.kurus()) * i128::from(vat_bp), WHOLE + i128::from(vat_bp)))
}

fn half_up(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator) / (2 * denominator)
}

fn minus(whole: Money, part: Money) -> Money {
    kurus(i128::from(whole.kurus()) - i128::from(part.kurus()))
}

/// No part of what somebody pays is more than all of it, or less than nothing.
fn kurus(kurus: i128) -> Money {
    i64::try_from(kurus).ok().and_then(|kurus| Money::from_kurus(kurus).ok()).expect("a part of money is money")
}

#[cfg(test)]
mod tests {
    use clock::{Random, SeededRandom};

    use super::*;

    const FOOD: u16 = 1_000;
    const BEER: u16 = 2_000;

    fn money(kurus: i64) -> Money {
        Money::from_kurus(kurus).unwrap()
    }

    /// Lines by what each costs and its tax.
    fn lines(costs: &[(i64, u16)]) -> Vec<LineCost> {
        costs.iter().map(|(total, vat_bp)| LineCost { total: money(*total), vat_bp: *vat_bp }).collect()
    }

    /// The way of the demo's town.
    fn way() -> DeliveryCost {
        DeliveryCost { fee: money(990), free_from: Some(money(7_500)), vat_bp: FOOD }
    }

    fn percent(value: u32, most: Option<i64>) -> CatalogDiscount {
        CatalogDiscount::Percent { value, max_discount_kurus: most.map(money) }
    }

    /// Subtotal, discount and its shares, fee, total, and the tax of each line and of the way.
    type Sums = (&'static [(i64, u16)], Option<CatalogDiscount>, i64, &'static [i64], i64, i64, &'static [i64]);

    #[test]
    fn the_sums_of_an_order_are_those_that_a_person_works_out() {
        let cases: [Sums; 6] = [
            (&[(4_995, FOOD), (2_500, FOOD)], None, 7_495, &[0, 0], 990, 8_485, &[454, 227, 90]),
            (
                &[(4_995, FOOD), (2_500, FOOD)],
                Some(percent(1_000, None)),
                7_495,
                &[500, 250],
                990,
                7_735,
                &[409, 205, 90],
            ),
            (
                &[(9_999, FOOD), (1_001, FOOD), (5_000, BEER)],
                Some(percent(1_500, Some(2_000))),
                16_000,
                &[1_250, 125, 625],
                0,
                14_000,
                &[795, 80, 729, 0],
            ),
            (
                &[(10_000, FOOD), (10_000, FOOD), (10_000, FOOD)],
                Some(CatalogDiscount::Amount { value: money(1_000) }),
                30_000,
                &[334, 333, 333],
                0,
                29_000,
                &[879, 879, 879, 0],
            ),
            (
                &[(3_000, FOOD), (1_500, FOOD)],
                Some(CatalogDiscount::Amount { value: money(5_000) }),
                4_500,
                &[3_000, 1_500],
                990,
                990,
                &[0, 0, 90],
            ),
            (&[(7_500, FOOD)], Some(percent(1_000, None)), 7_500, &[750], 0, 6_750, &[614, 0]),
        ];
        for (costs, discount, subtotal, shares, fee, total, vat) in cases {
            let cost = cost(&lines(costs), way(), discount.as_ref()).unwrap();

            let given: Vec<i64> = cost.lines.iter().map(|line| line.discount.kurus()).collect();
            let taxes: Vec<i64> = cost.lines.iter().map(|line| line.vat.kurus()).collect();
            assert_eq!((cost.subtotal.kurus(), given.as_slice()), (subtotal, shares), "{costs:?}");
            assert_eq!((cost.delivery_fee.kurus(), cost.total.kurus()), (fee, total), "{costs:?}");
            assert_eq!((taxes.as_slice(), cost.vat.kurus()), (&vat[..taxes.len()], vat.iter().sum()), "{costs:?}");
        }
    }

    #[test]
    fn a_quarter_off_is_rounded_up_at_the_half() {
        // saleor/saleor#12040: 25 % of 19.99.
        assert_eq!(given_off(&percent(2_500, None), money(1_999)), (money(500), false));
        assert_eq!(given_off(&percent(1, None), money(49)), (money(0), false));
        assert_eq!(given_off(&percent(1, None), money(5_000)), (money(1), false));
    }

    #[test]
    fn the_way_is_free_from_the_very_kurus_on_whatever_is_given_off() {
        let fee = |subtotal| way().fee(money(subtotal)).kurus();

        assert_eq!([fee(7_499), fee(7_500)], [990, 0]);
        let free = cost(&lines(&[(100, FOOD)]), way(), Some(&CatalogDiscount::FreeDelivery)).unwrap();
        assert_eq!((free.discount, free.delivery_fee, free.total), (Money::ZERO, Money::ZERO, money(100)));
        assert_eq!(cost(&lines(&[(100, FOOD)]), DeliveryCost::PICKUP, None).unwrap().total, money(100));
    }

    #[test]
    fn nothing_costs_nothing_and_too_much_is_refused() {
        assert_eq!(cost(&[], DeliveryCost::PICKUP, Some(&percent(1_000, None))).unwrap().total, Money::ZERO);
        let most = LineCost { total: Money::MAX, vat_bp: FOOD };
        assert_eq!(cost(&[most, most], way(), None), Err(TooExpensive));
    }

    /// A million orders of any lines, discounts and fees: all sums fit each other.
    #[test]
    fn the_sums_of_any_order_fit() {
        let random = SeededRandom::new(13);
        let below = |end: u64| {
            let mut bytes = [0; 8];
            random.fill(&mut bytes);
            i64::try_from(u64::from_le_bytes(bytes) % end).unwrap()
        };
        for case in 0..1_000_000 {
            let wanted: Vec<(i64, u16)> = (0..=below(6))
                .map(|_| {
                    (below(1 + 10_u64.pow(u32::try_from(below(7)).unwrap())), if below(5) == 0 { BEER } else { FOOD })
                })
                .collect();
            let discount = match below(5) {
                0 => None,
                1 => Some(CatalogDiscount::FreeDelivery),
                2 => Some(CatalogDiscount::Amount { value: money(below(20_000)) }),
                3 => Some(percent(u32::try_from(below(10_001)).unwrap(), None)),
                _ => Some(percent(u32::try_from(below(10_001)).unwrap(), Some(below(5_000)))),
            };
            let lines = lines(&wanted);

            let cost = cost(&lines, way(), discount.as_ref()).unwrap();

            let given: i64 = cost.lines.iter().map(|line| line.discount.kurus()).sum();
            assert_eq!(given, cost.discount.kurus(), "{case}");
            assert!(cost.discount <= cost.subtotal && cost.vat <= cost.total, "{case}: {cost:?}");
            assert!(
                lines.iter().zip(&cost.lines).all(|(line, share)| share.discount <= line.total),
                "{case}: {cost:?}"
            );
            let sum = cost.subtotal.kurus() - cost.discount.kurus() + cost.delivery_fee.kurus();
            assert_eq!(sum, cost.total.kurus(), "{case}");
        }
    }
}
