//! What becomes of a user's cart when a merge is undone.

use super::{KeptLine, LineBefore, MOST_LINES, ResultLine};

/// Lines of which something would be lost: they came, or grew, since the merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WouldBeLost(pub(crate) Vec<KeptLine>);

/// The user's cart without what the merge has made of it. What the merge has not touched stays as it is by now, and so does what
/// came since. A line that was there before comes back also where it was taken out since.
pub(crate) fn undo(
    before: &[LineBefore],
    after: &[ResultLine],
    now: &[LineBefore],
) -> Result<Vec<LineBefore>, WouldBeLost> {
    let merged = |line: &KeptLine| after.iter().map(|after| &after.line).find(|after| after.is_same(line));
    let (mut lines, mut lost) = (Vec::new(), Vec::new());
    for old in before {
        let standing = now.iter().find(|now| now.line.is_same(&old.line));
        match (merged(&old.line), standing) {
            (Some(merged), standing) if *merged == old.line => lines.extend(standing.cloned()),
            (_, None) => lines.push(old.clone()),
            (merged, Some(now)) if now.line.adds_nothing_to(merged.unwrap_or(&old.line)) => lines.push(old.clone()),
            (_, Some(now)) => lost.push(now.line.clone()),
        }
    }
    let mut later = Vec::new();
    for now in now.iter().filter(|now| !before.iter().any(|old| old.line.is_same(&now.line))) {
        match merged(&now.line) {
            None => later.push(now.clone()),
            Some(merged) if now.line.adds_nothing_to(merged) => {}
            Some(_) => lost.push(now.line.clone()),
        }
    }
    let restaurant = lines.first().or(later.first()).map(|line| line.line.restaurant_id);
    let is_one_restaurant = later.iter().all(|line| Some(line.line.restaurant_id) == restaurant);
    if !is_one_restaurant || lines.len() + later.len() > MOST_LINES {
        lost.extend(later.iter().map(|line| line.line.clone()));
    }
    lines.append(&mut later);
    if lost.is_empty() { Ok(lines) } else { Err(WouldBeLost(lost)) }
}

/// Whether the merge that has made `after` of `before` has made, or made larger, a line which a later merge has `found`. Undone
/// first, it would come back by the undoing of the later one.
pub(crate) fn is_found(before: &[LineBefore], after: &[ResultLine], found: &[LineBefore]) -> bool {
    let was_there = |line: &KeptLine| before.iter().any(|before| before.line == *line);
    let mut made = after.iter().map(|made| &made.line).filter(|made| !was_there(made));
    made.any(|made| found.iter().any(|found| found.line.is_same(made)))
}

impl KeptLine {
    /// Whether nothing of it is lost where `earlier` of the same stands instead.
    fn adds_nothing_to(&self, earlier: &Self) -> bool {
        self.quantity <= earlier.quantity && self.note == earlier.note && self.schedule_date == earlier.schedule_date
    }
}

#[cfg(test)]
mod tests {
    use contracts::{MealId, RestaurantId};
    use uuid::Uuid;

    use super::*;
    use crate::model::{Note, Options};

    /// So many of a meal of one of two restaurants.
    fn at(restaurant: u128, meal: u128, quantity: i16) -> LineBefore {
        let line = KeptLine {
            restaurant_id: RestaurantId(Uuid::from_u128(restaurant)),
            meal_id: MealId(Uuid::from_u128(meal)),
            options: Options::default(),
            quantity,
            note: Note::default(),
            schedule_date: None,
            created_at: "2026-03-02T12:00:00Z".parse().unwrap(),
        };
        LineBefore { id: None, line }
    }

    fn of(meal: u128, quantity: i16) -> LineBefore {
        at(1, meal, quantity)
    }

    /// Undoes a merge that has made `after` of `before`, where `now` stands.
    fn undone(
        before: &[LineBefore],
        after: &[LineBefore],
        now: &[LineBefore],
    ) -> Result<Vec<LineBefore>, Vec<LineBefore>> {
        let after: Vec<_> = after.iter().map(|line| ResultLine { id: line.id, line: line.line.clone() }).collect();
        let lost = |WouldBeLost(lost)| lost.into_iter().map(|line| LineBefore { id: None, line }).collect();
        undo(before, &after, now).map_err(lost)
    }

    #[test]
    fn a_cart_that_was_not_changed_since_is_what_it_was() {
        let before = [of(1, 2), of(2, 1)];
        for after in [vec![of(1, 5), of(2, 1), of(3, 1)], vec![of(3, 1)], vec![of(1, 7)], vec![at(2, 9, 1)]] {
            assert_eq!(undone(&before, &after, &after), Ok(before.to_vec()));
            assert_eq!(undone(&[], &after, &after), Ok(vec![]));
        }
    }

    #[test]
    fn what_was_taken_out_since_comes_back_where_the_merge_has_touched_it() {
        let (before, after) = ([of(1, 2), of(2, 1)], [of(1, 5), of(2, 1), of(3, 1)]);

        assert_eq!(undone(&before, &after, &[of(1, 1)]), Ok(vec![of(1, 2)]));
        assert_eq!(undone(&before, &after, &[]), Ok(vec![of(1, 2)]));
    }

    #[test]
    fn what_came_since_and_what_the_merge_has_not_touched_stays() {
        let (before, after) = ([of(1, 2), of(2, 1)], [of(1, 5), of(2, 1), of(3, 1)]);

        let now = [of(1, 5), of(2, 9), of(3, 1), of(4, 4)];

        assert_eq!(undone(&before, &after, &now), Ok(vec![of(1, 2), of(2, 9), of(4, 4)]));
    }

    #[test]
    fn what_grew_since_is_not_lost() {
        let (before, after) = ([of(1, 2)], [of(1, 5), of(3, 1)]);
        for (now, lost) in [(vec![of(1, 6), of(3, 1)], of(1, 6)), (vec![of(1, 5), of(3, 2)], of(3, 2))] {
            assert_eq!(undone(&before, &after, &now), Err(vec![lost]));
        }
        assert_eq!(undone(&before, &[of(3, 1)], &[of(3, 1), of(1, 9)]), Err(vec![of(1, 9)]));
        assert_eq!(undone(&before, &[of(3, 1)], &[of(3, 1), of(1, 1)]), Ok(vec![of(1, 2)]));
    }

    #[test]
    fn what_came_since_is_of_the_same_restaurant_and_has_room() {
        let (before, after) = ([of(1, 2)], [at(2, 9, 1)]);
        assert_eq!(undone(&before, &after, &[at(2, 9, 1), at(2, 8, 1)]), Err(vec![at(2, 8, 1)]));
        assert_eq!(undone(&[], &after, &[at(2, 9, 1), at(2, 8, 1)]), Ok(vec![at(2, 8, 1)]));

        let full: Vec<_> = (100..150).map(|meal| of(meal, 1)).collect();
        assert_eq!(undone(&full, &[of(3, 1)], &[of(4, 1)]), Err(vec![of(4, 1)]));
    }
}
