//! One word per thing, in the field's own terms: words that have one and are not it are found here, each with the right one.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::Path;

use cargo_metadata::MetadataCommand;

/// A word, what is said instead, and where it may stand all the same.
struct Banned {
    word: &'static str,
    right: &'static str,
    exceptions: &'static [Exception],
}

/// Files whose path begins with `place` may have the word.
struct Exception {
    place: &'static str,
    #[expect(dead_code, reason = "whoever reads the list needs it")]
    reason: &'static str,
}

const fn banned(word: &'static str, right: &'static str) -> Banned {
    Banned { word, right, exceptions: &[] }
}

/// Parts of identifiers, in all code: `PATIENCE` also stands in `FEED_PATIENCE` and `FeedPatience`.
const PARTS_OF_NAMES: &[Banned] = &[
    banned("patience", "timeout"),
    banned("patiently", "with_retry"),
    banned("lifetime", "ttl"),
    banned("farewell", "grace, or timeout"),
    banned("nap", "interval"),
    banned("glance", "poll_interval"),
    banned("tell", "publish to a topic or feed, record into the outbox, log to the log, or report"),
    Banned {
        word: "told",
        right: "published, recorded, logged or reported",
        exceptions: &[Exception { place: "app/tests/it/growth.rs", reason: "`told_at` is the name of a column" }],
    },
    Banned {
        word: "look",
        right: "poll, probe, check or ensure",
        exceptions: &[Exception {
            place: "contracts/src/email_address.rs",
            reason: "a look-alike is one letter for another",
        }],
    },
    banned("looked", "polled, probed or checked"),
    banned("settle", "after_commit, or flush"),
    banned("dialer", "connector"),
    banned("intake", "queue, or slots"),
    banned("seat", "slot"),
    banned("scribe", "writer"),
    banned("herald", "publisher"),
    banned("neighbour", "the standard name of what it is, such as peer or replica"),
];

/// Whole names of types, in all code.
const TYPES: &[Banned] = &[
    banned("Verdict", "what was checked, such as PasswordCheck"),
    Banned {
        word: "Case",
        right: "InFlight, Attempt",
        exceptions: &[Exception {
            place: "contracts/src/opening_hours/tests/",
            reason: "a row of a table of test cases is called that everywhere",
        }],
    },
    banned("Hand", "Injector, or what it does"),
    banned("Hands", "ManualTime, or what they show"),
    banned("Line", "ManagedConnection, or MessageLine for a line of text"),
    banned("Link", "Connection, or MailLink and LinkQuery for links on the web"),
    banned("Letter", "MailMessage, or DeadLetter"),
    banned("Known", "what is known, such as EpochCache"),
    banned("KnownEpoch", "EpochCache"),
    banned("Words", "Text, Wording"),
    banned("CutOff", "UnansweredRequest"),
    banned("Mark", "Checkpoint, Position"),
    banned("Cut", "Snapshot, SnapshotRange"),
    banned("Remedy", "Recovery"),
    banned("Scene", "Fixture"),
    banned("House", "Platform"),
    banned("BadCaller", "Unauthorized"),
];

/// Words of comments in what services are copied from.
const COMMENTS: &[Banned] = &[
    banned("patience", "timeout"),
    banned("lifetime", "ttl, or time to live"),
    banned("tell", "publish, record, log, report, say, show"),
    banned("tells", "publishes, records, logs, reports, says, shows"),
    banned("told", "published, recorded, logged, reported, said, shown"),
    banned("telling", "publishing, recording, logging, reporting"),
];
/// Where comments are held to that.
const COPIED: [&str; 2] = ["services/", "kit/src/"];

/// How a constant that is a time ends: by what the time is for.
const TIMES: [&str; 16] = [
    "TIMEOUT",
    "GRACE",
    "INTERVAL",
    "RETENTION",
    "TTL",
    "WINDOW",
    "DELAY",
    "BACKOFF",
    "SKEW",
    "TOLERANCE",
    "AGE",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "MARGIN",
];
/// Times that are none of these.
const OTHER_TIMES: [(&str, &str); 2] =
    [("SHORTEST", "a bound of what a setting may say"), ("LONGEST", "a bound of what a setting may say")];
/// Where constants are held to that: not in tests, which have times of their own kind.
const PRODUCTION: [&str; 4] = ["services/", "kit/src/", "ports/", "app/src/"];

#[test]
fn names_are_the_fields_own() {
    let mut wrong = Vec::new();
    for_each_line(|file, number, line| {
        let code = without_strings(line.split("//").next().unwrap());
        for name in words(&code) {
            for Banned { right, .. } in banned_parts(file, name) {
                wrong.push(format!("{file}:{number}: `{name}`: say {right}"));
            }
        }
        for (name, Banned { right, .. }) in banned_types(file, &code) {
            wrong.push(format!("{file}:{number}: the type `{name}`: say {right}"));
        }
    });

    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn comments_of_what_services_are_copied_from_use_the_fields_words() {
    let mut wrong = Vec::new();
    for_each_line(|file, number, line| {
        let Some((_, comment)) = line.split_once("//") else { return };
        if !COPIED.iter().any(|place| file.starts_with(place)) {
            return;
        }
        for word in words(comment) {
            let lower = word.to_lowercase();
            for Banned { right, .. } in COMMENTS.iter().filter(|banned| banned.word == lower && applies(banned, file)) {
                wrong.push(format!("{file}:{number}: \"{word}\" in a comment: say {right}"));
            }
        }
    });

    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_constant_that_is_a_time_ends_in_what_it_is_for() {
    let (mut wrong, mut times) = (Vec::new(), 0);
    for_each_line(|file, number, line| {
        let is_test = ["/tests/", "/contract/", "tests.rs", "/simulation/", "/testing/", "/theorem/"]
            .iter()
            .any(|part| file.contains(part));
        let is_indented = line.starts_with(' ');
        let Some((_, rest)) = line.split_once("const ") else { return };
        let Some((name, kind)) = rest.split_once(": ") else { return };
        let is_time = ["Duration", "TimeDelta"].iter().any(|time| kind.starts_with(time));
        if !is_time || is_test || is_indented || !PRODUCTION.iter().any(|place| file.starts_with(place)) {
            return;
        }
        times += 1;
        let last = name.rsplit('_').next().unwrap();
        if !TIMES.contains(&last) && !OTHER_TIMES.iter().any(|(other, _)| *other == name) {
            wrong.push(format!("{file}:{number}: the time `{name}` ends in none of {}", TIMES.join(", ")));
        }
    });

    assert!(times > 60, "{times}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_word_is_found_in_a_name_a_type_and_a_comment() {
    let parts: Vec<_> = ["FEED_PATIENCE", "FeedPatience", "connect_patiently", "has_told"]
        .into_iter()
        .map(|name| banned_parts("kit/src/a.rs", name).map(|banned| banned.word).collect::<Vec<_>>())
        .collect();
    let types: Vec<_> = ["pub struct Link<'a> {", "enum Verdict {", "struct MailLink;", "let Link = 1;"]
        .into_iter()
        .map(|line| banned_types("kit/src/a.rs", line).map(|(name, _)| name.to_owned()).collect::<Vec<_>>())
        .collect();

    assert_eq!(parts, [["patience"], ["patience"], ["patiently"], ["told"]]);
    assert_eq!(types, [vec!["Link"], vec!["Verdict"], Vec::new(), Vec::new()]);
    assert_eq!(without_strings(r#"say("a \"tell\"", 'x')"#), r#"say("", 'x')"#);
}

/// Calls `check` with the path, the number and the text of each line of our code.
fn for_each_line(mut check: impl FnMut(&str, usize, &str)) {
    let root = MetadataCommand::new().no_deps().exec().unwrap().workspace_root.into_std_path_buf();
    let mut files = Vec::new();
    for folder in ["app", "services", "kit", "web", "ports", "contracts", "testkit/src", "bench", "chaos"] {
        rust_files(&root.join(folder), &mut files);
    }
    assert!(files.len() > 400, "{}", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap();
        text.lines().enumerate().for_each(|(index, line)| check(name, index + 1, line));
    }
}

fn rust_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The parts of `name` that are banned: in it a part begins behind a `_`, or with a capital behind a small letter.
fn banned_parts<'a>(file: &'a str, name: &'a str) -> impl Iterator<Item = &'static Banned> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && was_small) {
            parts.push(String::new());
        }
        if c != '_' {
            parts.last_mut().unwrap().extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    PARTS_OF_NAMES.iter().filter(move |banned| parts.iter().any(|part| part == banned.word) && applies(banned, file))
}

/// The banned types that `code` declares.
fn banned_types<'a>(file: &'a str, code: &'a str) -> impl Iterator<Item = (&'a str, &'static Banned)> {
    let pairs = words(code).zip(words(code).skip(1));
    let declared = pairs.filter(|(keyword, _)| ["struct", "enum", "trait", "type"].contains(keyword));
    declared.flat_map(move |(_, name)| {
        TYPES
            .iter()
            .filter(move |banned| banned.word == name && applies(banned, file))
            .map(move |banned| (name, banned))
    })
}

fn applies(banned: &Banned, file: &str) -> bool {
    !banned.exceptions.iter().any(|exception| file.starts_with(exception.place))
}

/// `code` with nothing in its strings.
fn without_strings(code: &str) -> String {
    let (mut kept, mut is_inside, mut is_escaped) = (String::new(), false, false);
    for c in code.chars() {
        let is_quote = c == '"' && !is_escaped;
        if is_quote || !is_inside {
            kept.push(c);
        }
        is_inside ^= is_quote;
        is_escaped = c == '\\' && !is_escaped;
    }
    kept
}
