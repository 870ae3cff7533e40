//! Leaves out of a sheet or a script what only those who work on it need: comments on lines of their own, indentation and empty lines;
//! of a sheet also the blanks beside its punctuation.
//!
//! That happens as the program is compiled. Names stay, so that a reader of what was served finds their source.

/// Room for the text of a source of `N` bytes, and how much of it is taken.
pub(crate) struct Minified<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Minified<N> {
    /// That of a script in which no text goes over several lines.
    pub(crate) const fn script(source: &str) -> Self {
        Self::of(source, b"")
    }

    /// That of a sheet in which no text has blanks beside punctuation.
    pub(crate) const fn sheet(source: &str) -> Self {
        Self::of(source, b"{};,>")
    }

    /// Beside one of `joints` no blank is needed.
    const fn of(source: &str, joints: &[u8]) -> Self {
        let source = source.as_bytes();
        let mut minified = Self { bytes: [0; N], length: 0 };
        let mut at = 0;
        while at < source.len() {
            at = if has(source, at, b" ") || has(source, at, b"\n") {
                at + 1
            } else if has(source, at, b"//") {
                behind(source, at, b"\n")
            } else if has(source, at, b"/*") {
                behind(source, at, b"*/")
            } else {
                minified.push_line(source, at, joints)
            };
        }
        minified
    }

    pub(crate) const fn text(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => panic!("whole lines are left out, and blanks"),
        }
    }

    /// Takes what is left of the line at `at`, and answers where the next one begins.
    const fn push_line(&mut self, source: &[u8], at: usize, joints: &[u8]) -> usize {
        let end = behind(source, at, b"\n");
        let mut at = at;
        while at < end {
            let is_blank = source[at] == b' ' || source[at] == b'\n';
            let is_joined =
                is_one_of(joints, &self.bytes, self.length.wrapping_sub(1)) || is_one_of(joints, source, at + 1);
            if !(is_blank && is_joined) {
                self.bytes[self.length] = source[at];
                self.length += 1;
            }
            at += 1;
        }
        end
    }
}

/// Whether one of `marks` stands at `at`.
const fn is_one_of(marks: &[u8], text: &[u8], at: usize) -> bool {
    let mut mark = 0;
    while mark < marks.len() {
        if at < text.len() && text[at] == marks[mark] {
            return true;
        }
        mark += 1;
    }
    false
}

/// Where `source` goes on behind the first `mark` from `at` on.
const fn behind(source: &[u8], at: usize, mark: &[u8]) -> usize {
    let mut at = at;
    while at < source.len() {
        if has(source, at, mark) {
            return at + mark.len();
        }
        at += 1;
    }
    at
}

/// Whether `mark` stands at `at`.
const fn has(source: &[u8], at: usize, mark: &[u8]) -> bool {
    let mut matched = 0;
    while matched < mark.len() && at + matched < source.len() && source[at + matched] == mark[matched] {
        matched += 1;
    }
    matched == mark.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(source: &str) -> String {
        Minified::<1024>::script(source).text().to_owned()
    }

    #[test]
    fn comments_indentation_and_empty_lines_are_left_out() {
        let source = "// Why.\nif (a) {\n  /** What.\n   */\n  b(\"//\"); // c\n\n  // d\n}";

        assert_eq!(script(source), "if (a) {\nb(\"//\"); // c\n}");
    }

    #[test]
    fn a_sheet_has_no_blanks_beside_its_punctuation_either() {
        let source = "/* All\n * pages */\n\n.a > b, c d { e: calc(1px + 2px); f: \"✓ \" / \"\"; }\n@media print {\n  /* g */\n  :root {\n    h: i;\n  }\n}\n";

        let sheet = Minified::<1024>::sheet(source);

        assert_eq!(sheet.text(), ".a>b,c d{e: calc(1px + 2px);f: \"✓ \" / \"\";}@media print{:root{h: i;}}");
    }

    #[test]
    fn what_has_no_end_ends_with_its_source() {
        for (source, left) in [("", ""), ("a", "a"), ("a\n/", "a\n/"), ("a\n//b", "a\n"), ("a\n/* b", "a\n")] {
            assert_eq!(script(source), left, "{source}");
        }
    }
}
