//! What is told of a comparison, before anybody says how it looks.
use super::document::{Document, Scenario};
use super::{Compared, doubts, figure};
use katydid_load::compare::{CONFIDENCE, ChangeJudgement, Delta, Finding, Measure, Row};
use katydid_load::threshold::Which;
use katydid_load::{Label, Verdict};

/// The figures that tables have.
const SHOWN: [Measure; 6] = [
    Measure::Failures,
    Measure::Pace,
    Measure::Response(Which::Mean),
    Measure::Response(Which::Percentile(5_000)),
    Measure::Response(Which::Percentile(9_500)),
    Measure::Response(Which::Percentile(9_900)),
];

/// Longest text of others that is shown, in characters.
const MAX_CHARS: usize = 120;

/// A line of a table: a figure, before, after, change, and what was found.
pub(super) type Line = ([String; 4], Finding);

/// What stands under one name.
pub(super) struct Section {
    /// `None`: all requests.
    pub(super) label: Option<String>,
    pub(super) lines: Vec<Line>,
}

/// All of it. Texts of others are bounded and on one line.
pub(super) struct View {
    /// Facts of the two runs: what, before, after.
    pub(super) facts: Vec<[String; 3]>,
    /// All requests, then the labels that have changed.
    pub(super) sections: Vec<Section>,
    /// Labels in lists: what holds for them, which they are.
    pub(super) lists: Vec<(&'static str, Vec<String>)>,
    /// Each rule, what has become of its figure, and its judgement.
    pub(super) rules: Vec<(String, String, ChangeJudgement)>,
    pub(super) doubts: Vec<String>,
    /// What the findings rest on.
    pub(super) grounds: String,
    pub(super) verdict: Option<(Verdict, String)>,
}

impl View {
    pub(super) fn new(compared: &Compared) -> Self {
        let Compared { before, after, comparison, rules } = compared;
        let all = comparison.rows.iter();
        let is = |row: &Row, finding: Finding| shown(row).any(|delta| delta.finding == finding);
        let has_changed = |row: &Row| is(row, Finding::Better) || is(row, Finding::Worse);
        let told = |row: &&Row| row.label.is_none() || has_changed(row);
        let names = |rows: &mut dyn Iterator<Item = &Row>| -> Vec<String> {
            rows.filter_map(|row| row.label.as_ref()).map(name).collect()
        };
        let quiet = || all.clone().filter(|row| !told(row));
        let too_few = names(&mut quiet().filter(|row| is(row, Finding::TooFew)));
        let same = names(&mut quiet().filter(|row| !is(row, Finding::TooFew)));
        let only = |labels: &[Label]| labels.iter().map(name).collect();
        let lists = [
            ("no change", same),
            ("too few requests to say", too_few),
            ("only before", only(&comparison.only_before)),
            ("only after", only(&comparison.only_after)),
        ];
        let section = |row: &Row| Section {
            label: row.label.as_ref().map(name),
            lines: shown(row).map(line).collect(),
        };
        let doubts = doubts::doubts(before, after);
        Self {
            facts: facts(before, after),
            sections: all.clone().filter(told).map(section).collect(),
            lists: lists.into_iter().filter(|(_, names)| !names.is_empty()).collect(),
            rules: rules
                .iter()
                .map(|(rule, judgement)| {
                    (plain(&rule.to_string()), plain(&judgement.to_string()), judgement.clone())
                })
                .collect(),
            doubts: doubts.iter().map(|doubt| plain_within(doubt, 3 * MAX_CHARS)).collect(),
            grounds: grounds(all.clone().map(|row| shown(row).count()).sum()),
            verdict: verdict(compared),
        }
    }
}

fn shown(row: &Row) -> impl Iterator<Item = &Delta> {
    let of = |measure: &Measure| row.deltas.iter().find(|delta| delta.measure == *measure);
    SHOWN.iter().filter_map(of)
}

fn line(delta: &Delta) -> Line {
    let [before, after, change] = figure::delta(delta);
    ([figure::measure(delta.measure), before, after, change], delta.finding)
}

fn name(label: &Label) -> String {
    // Most requests are of one type; it need not be said each time.
    match (&*label.request_type, &*label.name) {
        ("xmlrpc", name) => plain(name),
        (request_type, name) => plain(&format!("{request_type} {name}")),
    }
}

fn facts(before: &Document, after: &Document) -> Vec<[String; 3]> {
    let fact = |what: &str, of: fn(&Document) -> String| {
        [what.to_owned(), plain(&of(before)), plain(&of(after))]
    };
    let scenarios = |of: &Document| -> String {
        let one = |scenario: &Scenario| {
            let digest: String = scenario.sha256.chars().take(8).collect();
            format!("{} ({digest})", scenario.name)
        };
        of.run.scenarios.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let rows = [
        fact("file", |of| of.name.clone()),
        fact("began", |of| of.run.began.clone()),
        fact("lasted", |of| figure::seconds(of.measured.seconds)),
        fact("scenario", scenarios),
        fact("requests", |of| figure::count(of.measured.total.requests)),
    ];
    rows.into_iter().filter(|[_, before, after]| !(before.is_empty() && after.is_empty())).collect()
}

/// How sure the findings are, and how many of them are wrong all the same.
fn grounds(figures: usize) -> String {
    let sure = CONFIDENCE * 100.0;
    let wrong = (figures as f64 * (1.0 - CONFIDENCE)).round();
    let wrong = match wrong {
        wrong if wrong < 1.0 => "less than one".to_owned(),
        wrong => format!("about {wrong:.0}"),
    };
    format!(
        "better and worse are said with a confidence of {sure:.0} %: of {figures} figures that nothing has changed, {wrong} would be called so by chance"
    )
}

fn verdict(compared: &Compared) -> Option<(Verdict, String)> {
    let all = compared.rules.len();
    let broken = compared.rules.iter().filter(|(_, judgement)| !judgement.passes()).count();
    let verdict = compared.verdict();
    let why = match (broken, all) {
        (0, 1) => "the rule holds".to_owned(),
        (0, _) => format!("all {all} rules hold"),
        (_, 1) => "the rule does not hold".to_owned(),
        _ => format!("{broken} of {all} rules do not hold"),
    };
    let text = format!("{verdict} (exit code {}): {why}", verdict.exit_code());
    (all > 0).then_some((verdict, text))
}

/// Text of others on one line, bounded; whatever could move a cursor or reorder what is around it escaped.
pub(super) fn plain(text: &str) -> String {
    plain_within(text, MAX_CHARS)
}

fn plain_within(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    for (place, c) in text.chars().enumerate() {
        if place >= limit {
            shown.push('…');
            break;
        }
        let moves = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match c.is_control() || moves {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}
