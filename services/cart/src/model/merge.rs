//! What becomes of a user's cart when an anonymous one is merged into it.

use clock::Timestamp;
use contracts::{MealId, RestaurantId};
use kit::{FieldValue, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{LineId, MOST_LINES, MOST_OF_A_LINE, Note, Options, WantedLine};

/// Names a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct MergeId(pub(crate) Uuid);

contracts::uuid_column!(MergeId);

/// What becomes of what stands in the user's cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum MergeStrategy {
    /// It stays, and the units of the same line are added.
    #[default]
    AddQuantities,
    /// It goes.
    Replace,
}

/// All that a line of a user's cart is, besides whose and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptLine {
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) meal_id: MealId,
    pub(crate) options: Options,
    pub(crate) quantity: i16,
    pub(crate) note: Note,
    pub(crate) schedule_date: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
}

/// A line of a user's cart, as it stood there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LineBefore {
    /// `None` where the release before has kept it, whose merges are not undone.
    #[serde(default)]
    pub(crate) id: Option<i64>,
    #[serde(flatten)]
    pub(crate) line: KeptLine,
}

/// The lines of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LinesBefore(pub(crate) Vec<LineBefore>);

contracts::json_column!(LinesBefore);

/// A line of an anonymous cart on its way to a user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GuestLine {
    /// How many stand there, where a peer knows no limit.
    pub(crate) wanted: u32,
    pub(crate) line: KeptLine,
}

/// A line that holds fewer than were wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AdjustedCartLine)]
pub(crate) struct AdjustedLine {
    pub(crate) meal_id: MealId,
    pub(crate) line_id: LineId,
    /// In both carts together.
    pub(crate) wanted: u32,
    pub(crate) kept: i16,
}

/// The user's cart after the merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MergePlan {
    pub(crate) lines: Vec<PlannedLine>,
    pub(crate) counts: MergeCounts,
}

/// A line, and which of those of the user it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedLine {
    pub(crate) before: Option<usize>,
    pub(crate) line: KeptLine,
}

/// What a merge did, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct MergeCounts {
    /// Lines of the anonymous cart.
    pub(crate) merged: usize,
    /// Those of them that stood in both carts.
    pub(crate) conflicts: usize,
    pub(crate) adjusted: Vec<AdjustedLine>,
}

/// What a merge left, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MergeResult {
    pub(crate) lines: Vec<ResultLine>,
    pub(crate) counts: MergeCounts,
}

/// A line of the user's cart; one that a preview would make has no id yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResultLine {
    pub(crate) id: Option<i64>,
    pub(crate) line: KeptLine,
}

contracts::json_column!(MergeResult);

/// Why nothing is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MergeRefusal {
    /// The carts are of two restaurants.
    OtherRestaurant,
    TooManyLines,
}

impl MergeStrategy {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AddQuantities => "add_quantities",
            Self::Replace => "replace",
        }
    }

    /// What the user's cart becomes when the lines of the other one come into it.
    pub(crate) fn plan(self, account: &[KeptLine], guest: &[GuestLine]) -> Result<MergePlan, MergeRefusal> {
        let planned = |(index, line): (usize, &KeptLine)| PlannedLine { before: Some(index), line: line.clone() };
        let stands_there = |guest: &&GuestLine| account.iter().any(|line| line.is_same(&guest.line));
        let conflicts = guest.iter().filter(stands_there).count();
        let mut lines: Vec<PlannedLine> = match self {
            Self::AddQuantities => account.iter().enumerate().map(planned).collect(),
            Self::Replace => Vec::new(),
        };
        let mut adjusted = Vec::new();
        for guest in guest {
            if lines.first().is_some_and(|known| known.line.restaurant_id != guest.line.restaurant_id) {
                return Err(MergeRefusal::OtherRestaurant);
            }
            let wanted = match lines.iter().position(|known| known.line.is_same(&guest.line)) {
                Some(index) => lines[index].line.absorb(guest),
                None if lines.len() >= MOST_LINES => return Err(MergeRefusal::TooManyLines),
                None => {
                    lines.push(PlannedLine { before: None, line: guest.line.clone() });
                    guest.wanted
                }
            };
            if wanted > u32::from(MOST_OF_A_LINE.unsigned_abs()) {
                let KeptLine { meal_id, options, .. } = &guest.line;
                let line_id = LineId::of(*meal_id, options);
                adjusted.push(AdjustedLine { meal_id: *meal_id, line_id, wanted, kept: MOST_OF_A_LINE });
            }
        }
        Ok(MergePlan { lines, counts: MergeCounts { merged: guest.len(), conflicts, adjusted } })
    }
}

impl MergePlan {
    pub(crate) fn restaurant_id(&self) -> RestaurantId {
        self.lines.first().expect("what is merged has lines").line.restaurant_id
    }
}

impl<'a> From<&'a KeptLine> for WantedLine<'a> {
    fn from(line: &'a KeptLine) -> Self {
        Self {
            meal_id: Some(line.meal_id),
            options: &line.options,
            quantity: u32::from(line.quantity.unsigned_abs()),
            due: line.schedule_date,
        }
    }
}

impl KeptLine {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.meal_id == other.meal_id && self.options == other.options
    }

    /// Takes in units of the same, as an add does, and says how many there would be without a limit.
    fn absorb(&mut self, guest: &GuestLine) -> u32 {
        let wanted = u32::from(self.quantity.unsigned_abs()).saturating_add(guest.wanted);
        self.quantity = i16::try_from(wanted).unwrap_or(MOST_OF_A_LINE).min(MOST_OF_A_LINE);
        if !guest.line.note.as_str().is_empty() {
            self.note = guest.line.note.clone();
        }
        self.schedule_date = guest.line.schedule_date.or(self.schedule_date);
        wanted
    }
}

impl FieldValue for MergeStrategy {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new(
            "merge_strategy add_quantities ya da replace olmalıdır.",
            "merge_strategy must be add_quantities or replace.",
        );
        [Self::AddQuantities, Self::Replace]
            .into_iter()
            .find(|strategy| strategy.as_str() == raw)
            .ok_or(("MERGE_STRATEGY_UNKNOWN", text))
    }
}
