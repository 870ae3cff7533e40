//! Many short strings in one allocation: 4 bytes each beside their letters.

/// Strings by their number, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    letters: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(crate) fn push(&mut self, text: &str) -> u32 {
        let number = narrow(self.ends.len());
        self.letters.push_str(text);
        self.ends.push(narrow(self.letters.len()));
        number
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.letters[start as usize..self.ends[number] as usize]
    }

    pub(crate) fn len(&self) -> u32 {
        narrow(self.ends.len())
    }

    /// Of strings that were added in their order: how many are less than `text`.
    pub(crate) fn less_than(&self, text: &str) -> u32 {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            if self.get(middle) < text {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// Of strings that were added in their order: the number of `text`.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let place = self.less_than(text);
        (place < self.len() && self.get(place) == text).then_some(place)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.letters.capacity() + self.ends.capacity() * size_of::<u32>()
    }

    pub(crate) fn shrink(&mut self) {
        self.letters.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Lists of numbers by a number, in one allocation.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    entries: Vec<u32>,
    ends: Vec<u32>,
}

impl Lists {
    /// The lists that `pairs` of (list, entry) make, for the numbers below `count`.
    pub(crate) fn of(count: u32, mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut ends = vec![0; count as usize];
        for (list, _) in &pairs {
            ends[*list as usize] += 1;
        }
        let mut end = 0;
        for length in &mut ends {
            end += *length;
            *length = end;
        }
        Self { entries: pairs.into_iter().map(|(_, entry)| entry).collect(), ends }
    }

    pub(crate) fn len(&self) -> u32 {
        narrow(self.ends.len())
    }

    #[inline]
    pub(crate) fn get(&self, list: u32) -> &[u32] {
        let list = list as usize;
        let start = if list == 0 { 0 } else { self.ends[list - 1] };
        &self.entries[start as usize..self.ends[list] as usize]
    }

    pub(crate) fn push(&mut self, entries: impl IntoIterator<Item = u32>) {
        self.entries.extend(entries);
        self.ends.push(narrow(self.entries.len()));
    }

    pub(crate) fn bytes(&self) -> usize {
        (self.entries.capacity() + self.ends.capacity()) * size_of::<u32>()
    }

    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// A number of things that are counted in memory, of which there are fewer than four billion.
pub(crate) fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("an index of 100 000 restaurants counts in millions")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_by_number_and_in_order_by_text() {
        let mut strings = Strings::default();
        for text in ["", "ayran", "kebap", "kebapci", "şiş"] {
            strings.push(text);
        }

        assert_eq!((strings.get(0), strings.get(2), strings.get(4)), ("", "kebap", "şiş"));
        assert_eq!((strings.find("kebap"), strings.find("keba"), strings.find("")), (Some(2), None, Some(0)));
        assert_eq!((strings.less_than("keb"), strings.less_than("z"), strings.less_than("ж")), (2, 4, 5));
    }

    #[test]
    fn lists_hold_each_entry_once_and_may_be_empty() {
        let lists = Lists::of(4, vec![(2, 7), (0, 3), (2, 5), (2, 7)]);

        assert_eq!([lists.get(0), lists.get(1), lists.get(2), lists.get(3)], [&[3][..], &[], &[5, 7], &[]]);
    }
}
