//! Whatever is changed in whatever order, a cart stays what a plain list of quantities says, and readable for a peer.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A meal, and the option that is chosen with it; 0 is none.
type Wanted = (u32, u128);

#[derive(Debug, Clone)]
enum Step {
    Add(Wanted, u32, Option<u8>),
    Update(Wanted, u32),
    Remove(Wanted),
    Clear,
    Extend(u16),
    /// A peer reads the cart and writes what it knows of it.
    PeerWrites,
}

/// What the cart has to hold.
#[derive(Debug, Default)]
struct Expected {
    exists: bool,
    quantities: BTreeMap<Wanted, u32>,
    done: Vec<(u8, Wanted, u32)>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wanted = || (0..4_u32, 0..3_u128);
    let step = prop_oneof![
        6 => (wanted(), 1..60_u32, proptest::option::of(0..4_u8)).prop_map(|(wanted, quantity, key)| Step::Add(wanted, quantity, key)),
        2 => (wanted(), 1..=99_u32).prop_map(|(wanted, quantity)| Step::Update(wanted, quantity)),
        2 => wanted().prop_map(Step::Remove),
        1 => Just(Step::Clear),
        1 => (1..=365_u16).prop_map(Step::Extend),
        1 => Just(Step::PeerWrites),
    ];
    proptest::collection::vec(step, 1..60)
}

fn chosen(option: u128) -> Options {
    if option == 0 { Options::default() } else { options(&[option]) }
}

/// Each add has a key of its own among those that share a number.
fn item((number, option): Wanted, quantity: u32, key: Option<u8>) -> AddItem {
    let item = AddItem { options: Some(chosen(option)), ..some(number, quantity) };
    match key {
        Some(key) => keyed(&format!("{key} {number} {option} {quantity}"), item),
        None => item,
    }
}

/// The name of the line, by which it is found whatever else stands there.
fn name((number, option): Wanted) -> LineName {
    let meal_id = contracts::MealId(meal(number).parse().unwrap());
    LineName(crate::model::LineId::of(meal_id, &chosen(option)).to_string())
}

fn change_of(step: &Step) -> Option<Change> {
    Some(match step {
        Step::Add(wanted, quantity, key) => Change::Add(item(*wanted, *quantity, *key)),
        Step::Update(wanted, quantity) => {
            Change::Update(name(*wanted), LineChange { quantity: Some(*quantity), ..LineChange::default() })
        }
        Step::Remove(wanted) => Change::Remove(name(*wanted)),
        Step::Clear => Change::Clear,
        Step::Extend(days) => Change::Extend(*days),
        Step::PeerWrites => return None,
    })
}

impl Expected {
    /// Does the same; `false` if it has to be refused.
    fn apply(&mut self, step: &Step) -> bool {
        match step {
            Step::Add(wanted, quantity, Some(key)) if self.done.contains(&(*key, *wanted, *quantity)) => true,
            Step::Add(wanted, quantity, key) => {
                let sum = self.quantities.get(wanted).copied().unwrap_or_default() + quantity;
                if sum > 99 {
                    return false;
                }
                self.quantities.insert(*wanted, sum);
                self.done.extend(key.map(|key| (key, *wanted, *quantity)));
                let surplus = self.done.len().saturating_sub(16);
                self.done.drain(..surplus);
                self.exists = true;
                true
            }
            Step::Update(wanted, quantity) => match self.meant(*wanted) {
                Some(meant) => self.quantities.insert(meant, *quantity).is_some(),
                None => false,
            },
            Step::Remove(wanted) => {
                let several = self.meant(*wanted).is_none() && self.of_meal(wanted.0) > 1;
                if let Some(meant) = self.meant(*wanted) {
                    self.quantities.remove(&meant);
                }
                self.exists && (wanted.1 != 0 || !several)
            }
            Step::Clear => {
                self.quantities.clear();
                self.exists
            }
            Step::Extend(_) => self.exists,
            Step::PeerWrites => {
                self.done.clear();
                let with_options = std::mem::take(&mut self.quantities);
                for ((number, _), quantity) in with_options {
                    *self.quantities.entry((number, 0)).or_default() += quantity;
                }
                true
            }
        }
    }

    /// A meal without options means its only line, too.
    fn meant(&self, wanted: Wanted) -> Option<Wanted> {
        let only = || self.quantities.keys().copied().find(|known| known.0 == wanted.0);
        let is_only = wanted.1 == 0 && self.of_meal(wanted.0) == 1;
        self.quantities.contains_key(&wanted).then_some(wanted).or_else(|| is_only.then(only).flatten())
    }

    fn of_meal(&self, number: u32) -> usize {
        self.quantities.keys().filter(|known| known.0 == number).count()
    }
}

fn held(cart: &AnonymousCart) -> BTreeMap<String, u32> {
    cart.lines.iter().map(|line| (line.id().to_string(), line.quantity)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cart_is_what_was_put_into_it(steps in steps()) {
        let (mut bytes, mut expected): (Option<Vec<u8>>, _) = (None, Expected::default());
        for step in steps {
            let Some(change) = change_of(&step) else {
                bytes = bytes.map(|bytes| peer::write(&peer::read(&bytes).unwrap()));
                expected.apply(&step);
                continue;
            };
            let before = bytes.clone();
            let mut standing = Standing::read(id(), bytes.as_deref()).unwrap();
            let answer = standing.apply(id(), (&change, None), &stamp());

            prop_assert_eq!(answer.is_ok(), expected.apply(&step), "{:?} of {:?}: {:?}", step, expected, answer);
            bytes = match &standing {
                Standing::Absent => None,
                Standing::Present(_, bytes) => Some(bytes.to_vec()),
            };
            if answer.is_err() {
                prop_assert_eq!(&bytes, &before);
            }
            let Some(bytes) = &bytes else { continue };
            let cart = AnonymousCart::read(id(), bytes).unwrap();
            let quantities: BTreeMap<String, u32> =
                expected.quantities.iter().map(|(wanted, quantity)| (name(*wanted).0, *quantity)).collect();
            prop_assert_eq!(held(&cart), quantities);
            prop_assert!(peer::read(bytes).is_some());
            if let Ok(changed) = answer {
                prop_assert_eq!(changed.etag, ETag::of(bytes));
                prop_assert_eq!(&*changed.cart, &cart);
            }
        }
    }
}
