//! How many slips of the finger lie between two words.

/// The distance where a letter too many, too few, another letter or two letters swapped count one each; `None` beyond `most`.
///
/// No part of a word is slipped on twice (optimal string alignment). Nobody mistakes the first letter lightly: another one counts
/// two, unless the first two are swapped.
pub(crate) fn distance(typed: &[char], meant: &[char], most: u8) -> Option<u8> {
    let most = if begins_otherwise(typed, meant) { most.checked_sub(1)? } else { most };
    alignment(typed, meant, most).map(|slips| slips + u8::from(begins_otherwise(typed, meant)))
}

fn begins_otherwise(typed: &[char], meant: &[char]) -> bool {
    let is_swapped = typed.len() > 1 && meant.len() > 1 && typed[0] == meant[1] && typed[1] == meant[0];
    typed.first() != meant.first() && !is_swapped
}

fn alignment(typed: &[char], meant: &[char], most: u8) -> Option<u8> {
    let most = usize::from(most);
    if typed.len().abs_diff(meant.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=meant.len()).collect();
    for (row, letter) in typed.iter().enumerate() {
        let mut now = vec![row + 1];
        for (column, other) in meant.iter().enumerate() {
            let mut least =
                (last[column] + usize::from(letter != other)).min(last[column + 1] + 1).min(now[column] + 1);
            if row > 0 && column > 0 && *letter == meant[column - 1] && typed[row - 1] == *other {
                least = least.min(before[column - 1] + 1);
            }
            now.push(least);
        }
        if now.iter().all(|cost| *cost > most) {
            return None;
        }
        before = std::mem::replace(&mut last, now);
    }
    let distance = last[meant.len()];
    (distance <= most).then(|| u8::try_from(distance).expect("at most a u8"))
}

/// A bit for each letter of a word, which several letters may share.
pub(crate) fn mask(word: &str) -> u32 {
    word.chars().fold(0, |mask, letter| mask | 1 << (u32::from(letter) & 31))
}

/// Whether masks rule out that two words lie `most` slips apart. A slip changes one letter: one bit on each side at most.
pub(crate) fn too_far(typed: u32, meant: u32, most: u8) -> bool {
    (typed & !meant).count_ones() > u32::from(most) || (meant & !typed).count_ones() > u32::from(most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn between(typed: &str, meant: &str, most: u8) -> Option<u8> {
        distance(&typed.chars().collect::<Vec<_>>(), &meant.chars().collect::<Vec<_>>(), most)
    }

    #[test]
    fn each_slip_counts_one_and_a_swap_is_one() {
        assert_eq!(between("lahmacn", "lahmacun", 1), Some(1));
        assert_eq!(between("domla", "dolma", 1), Some(1));
        assert_eq!(between("iskendr", "iskender", 2), Some(1));
        assert_eq!(between("susi", "suyu", 1), None);
        assert_eq!(between("kebap", "kebap", 0), Some(0));
        assert_eq!(between("", "ab", 3), Some(3));
    }

    #[test]
    fn another_first_letter_counts_two_and_a_swapped_one_does_not() {
        assert_eq!((between("moda", "soda", 1), between("moda", "soda", 2)), (None, Some(2)));
        assert_eq!(between("mibat", "imbat", 1), Some(1));
        assert_eq!(between("mahmacun", "lahmacun", 2), Some(2));
        assert_eq!(between("mahmacn", "lahmacun", 2), None);
    }

    proptest! {
        #[test]
        fn a_mask_never_rules_out_what_is_near(typed in "[a-d]{1,8}", meant in "[a-f]{1,8}", most in 0u8..3) {
            if between(&typed, &meant, most).is_some() {
                prop_assert!(!too_far(mask(&typed), mask(&meant), most));
            }
        }
    }
}
