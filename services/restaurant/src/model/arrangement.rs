//! The order of what a manager has arranged.

use super::Position;

/// `order` with `moved` right in front of `before`; `None` where either is not in it.
pub(crate) fn in_front_of<I: Copy + PartialEq>(order: &[I], moved: I, before: I) -> Option<Vec<I>> {
    if !order.contains(&moved) || !order.contains(&before) {
        return None;
    }
    if moved == before {
        return Some(order.to_vec());
    }
    let others = order.iter().copied().filter(|id| *id != moved);
    Some(others.flat_map(|id| [(id == before).then_some(moved), Some(id)]).flatten().collect())
}

/// Which of `stand`, each with its place, have another one in `order`, where places are counted from zero.
pub(crate) fn displaced<I: Copy + PartialEq>(stand: &[(I, i16)], order: &[I]) -> Vec<(I, Position)> {
    let places = order.iter().zip(0_i16..).map(|(id, place)| (*id, place));
    places.filter(|placed| !stand.contains(placed)).map(|(id, place)| (id, Position(place))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_moved_stands_right_in_front_of_the_other_one() {
        assert_eq!(in_front_of(&[1, 2, 3, 4], 3, 2), Some(vec![1, 3, 2, 4]));
        assert_eq!(in_front_of(&[1, 2, 3, 4], 1, 4), Some(vec![2, 3, 1, 4]));
        assert_eq!(in_front_of(&[1, 2], 1, 1), Some(vec![1, 2]));
        assert_eq!((in_front_of(&[1, 2], 3, 1), in_front_of(&[1, 2], 1, 3)), (None, None));
    }

    #[test]
    fn what_shares_a_place_gets_one_of_its_own() {
        assert_eq!(
            displaced(&[('a', 0), ('b', 0), ('c', 1)], &['b', 'a', 'c']),
            [('a', Position(1)), ('c', Position(2))]
        );
        assert_eq!(displaced(&[('a', 0), ('b', 1)], &['a', 'b']), []);
    }

    proptest! {
        #[test]
        fn to_move_twice_is_to_move_once(count in 1_usize..20, moved in 0_usize..20, before in 0_usize..20) {
            let order: Vec<usize> = (0..count).collect();
            let once = in_front_of(&order, moved % count, before % count).unwrap();

            prop_assert_eq!(in_front_of(&once, moved % count, before % count).unwrap(), once.clone());
            let mut sorted = once;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, order);
        }
    }
}
