//! What goes wrong, and when: a list of rules.
//!
//! ```text
//! # Everything behind a # is a comment. The first rule that fits a request decides.
//! at 5s for 1.4s stall            # what arrives then is held until the time is over
//! at 10s for 2s down              # nobody listens, every connection is closed
//! request 100..200 fault          # the 100th to the 200th request, both included
//! request 5 reset
//! every 1000 method echo status 503
//! ratio 1% fault 42 out of luck
//! ```
//!
//! A rule is one or more conditions, which must all hold, and then one action.
//!
//! | condition | holds for |
//! |---|---|
//! | `at TIME` | what arrives from then on, counted from the first connection |
//! | `at TIME for DURATION` | what arrives in that time |
//! | `request N`, `N..M`, `N..` | requests by number, from 1, counted over all connections |
//! | `every N` | each Nth request |
//! | `ratio R` | this share of the requests, `0.01` or `1%`, by the seed and the request's number |
//! | `method NAME` | calls of this method |
//!
//! | action | what happens, after the usual delay of the method |
//! |---|---|
//! | `fault [CODE [MESSAGE]]` | a fault instead of the result; -32500 by default |
//! | `status CODE` | an HTTP status from 400 to 599 instead of a reply |
//! | `stall DURATION` | the good reply, so much later |
//! | `stall` | the good reply, not before the time of `at ... for ...` is over |
//! | `close` | the good reply, then the connection is closed without a warning |
//! | `garbage` | status 200, but a page instead of XML |
//! | `truncate` | the first half of the reply as if it were whole |
//! | `cut` | the first half of the reply, then the connection is closed |
//! | `drop` | the connection is closed without a reply |
//! | `reset` | the connection is reset without a reply |
//! | `down` | see above; only behind `at TIME for DURATION` alone |

use super::fault::{APPLICATION, Fault};
use super::methods::METHODS;
use super::random::{chance, dice};
use crate::duration;
use crate::wire::server::Outage;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

/// The rules of a target. By default there are none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    rules: Vec<Rule>,
    pub(super) outages: Vec<Outage>,
}

/// Conditions that are not there hold always.
#[derive(Debug, Clone, PartialEq, Default)]
struct When {
    window: Option<Range<Duration>>,
    numbers: Option<RangeInclusive<u64>>,
    every: Option<u64>,
    ratio: Option<f64>,
    method: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    when: When,
    action: Action,
}

/// What a rule does to a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    Fault(Fault),
    Status(u16),
    /// Hold the reply so much longer, or, without a duration, until the window is over.
    Stall(Option<Duration>),
    Close,
    Garbage,
    Truncate,
    Cut,
    Drop,
    Reset,
}

/// What a rule says is a rule for requests or an outage of the whole server.
enum Line {
    Rule(Rule),
    Outage(Outage),
}

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'a> {
    /// Counted over all connections, from 1.
    pub(super) number: u64,
    /// Since the first connection.
    pub(super) at: Duration,
    /// The XML-RPC method; empty if the request was none.
    pub(super) method: &'a str,
    pub(super) seed: u64,
}

impl Script {
    /// Reads rules, one a line.
    ///
    /// # Errors
    ///
    /// All mistakes at once, one a string, each with `source` and the number of its line.
    pub fn parse(source: &str, text: &str) -> Result<Self, Vec<String>> {
        let mut script = Self::default();
        let mut mistakes = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let words: Vec<&str> =
                line.split('#').next().unwrap_or_default().split_whitespace().collect();
            if words.is_empty() {
                continue;
            }
            match read_line(&words) {
                Ok(Line::Rule(rule)) => script.rules.push(rule),
                Ok(Line::Outage(outage)) => script.outages.push(outage),
                Err(mistake) => mistakes.push(format!("{source}:{}: {mistake}", index + 1)),
            }
        }
        script.outages.sort_by_key(|outage| outage.at);
        if mistakes.is_empty() { Ok(script) } else { Err(mistakes) }
    }

    /// Adds the rules of another script behind those of this one.
    pub fn append(&mut self, mut other: Self) {
        self.rules.append(&mut other.rules);
        self.outages.append(&mut other.outages);
        self.outages.sort_by_key(|outage| outage.at);
    }

    /// No request will ever fit a rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.outages.is_empty()
    }

    /// What the first rule that fits does. A stall has its duration then.
    pub(super) fn decide(&self, arrival: Arrival<'_>) -> Option<Action> {
        let mut rules = self.rules.iter().enumerate();
        let (_, rule) = rules.find(|(index, rule)| rule.when.holds(arrival, *index))?;
        Some(match (&rule.action, &rule.when.window) {
            (Action::Stall(None), Some(window)) => {
                Action::Stall(Some(window.end.saturating_sub(arrival.at)))
            }
            (action, _) => action.clone(),
        })
    }
}

impl When {
    fn holds(&self, arrival: Arrival<'_>, index: usize) -> bool {
        self.window.as_ref().is_none_or(|window| window.contains(&arrival.at))
            && self.numbers.as_ref().is_none_or(|numbers| numbers.contains(&arrival.number))
            && self.every.is_none_or(|every| arrival.number.is_multiple_of(every))
            && self.method.as_ref().is_none_or(|method| method == arrival.method)
            && self.ratio.is_none_or(|ratio| {
                // Dice of its own for each rule, or two rules would always strike together.
                let seed = arrival.seed ^ (index as u64 + 1).rotate_left(32);
                chance(&mut dice(seed, arrival.number), ratio)
            })
    }

    /// Has conditions other than its window.
    fn chooses_requests(&self) -> bool {
        Self { window: None, ..self.clone() } != Self::default()
    }
}

const CONDITIONS: &str = "at, request, every, ratio, method";
const ACTIONS: &str = "fault, status, stall, close, garbage, truncate, cut, drop, reset, down";

fn read_line(words: &[&str]) -> Result<Line, String> {
    let mut when = When::default();
    let mut rest = words;
    loop {
        let Some((word, after)) = rest.split_first() else {
            return Err(format!("the action is missing, end with one of {ACTIONS}"));
        };
        let twice = match *word {
            "at" => when.window.is_some(),
            "request" => when.numbers.is_some(),
            "every" => when.every.is_some(),
            "ratio" => when.ratio.is_some(),
            "method" => when.method.is_some(),
            _ => break,
        };
        if twice {
            return Err(format!("condition \"{word}\" stands twice, write two lines"));
        }
        let Some((value, after)) = after.split_first() else {
            return Err(format!("condition \"{word}\" lacks its value"));
        };
        rest = after;
        match *word {
            "at" => {
                let begin = duration::parse(value)?;
                when.window = Some(begin..Duration::MAX);
                if let ["for", after @ ..] = rest {
                    let Some((length, after)) = after.split_first() else {
                        return Err("\"for\" lacks its duration, write it like 1.4s".into());
                    };
                    when.window = Some(begin..begin.saturating_add(duration::parse(length)?));
                    rest = after;
                }
            }
            "request" => when.numbers = Some(read_numbers(value)?),
            "every" => when.every = Some(read_number(value)?),
            "ratio" => when.ratio = Some(read_ratio(value)?),
            _ => when.method = Some(read_method(value)?),
        }
    }
    if when == When::default() {
        let word = rest.first().unwrap_or(&"");
        return Err(format!(
            "\"{word}\" is no condition, begin with one of {CONDITIONS} (ratio 1 is always)"
        ));
    }
    read_action(when, rest)
}

fn read_action(when: When, words: &[&str]) -> Result<Line, String> {
    let (name, values) = words.split_first().unwrap_or((&"", &[]));
    let (action, used) = match (*name, values) {
        ("fault", []) => (injected_fault(APPLICATION, ""), 0),
        ("fault", [code, message @ ..]) => {
            let number =
                code.parse().map_err(|_| format!("fault code \"{code}\" is no 32-bit number"))?;
            (injected_fault(number, &message.join(" ")), values.len())
        }
        ("status", [code, ..]) => {
            let number = code.parse().ok().filter(|number| (400..600).contains(number));
            let wrong = || format!("status \"{code}\" is none from 400 to 599");
            (Action::Status(number.ok_or_else(wrong)?), 1)
        }
        ("status", []) => return Err("\"status\" lacks its code, write it like status 503".into()),
        ("stall", []) if when.window.as_ref().is_some_and(|window| window.end < Duration::MAX) => {
            (Action::Stall(None), 0)
        }
        ("stall", []) => {
            return Err(
                "\"stall\" lacks an end, write stall DURATION or at TIME for DURATION".into()
            );
        }
        ("stall", [time, ..]) => (Action::Stall(Some(duration::parse(time)?)), 1),
        ("close", _) => (Action::Close, 0),
        ("garbage", _) => (Action::Garbage, 0),
        ("truncate", _) => (Action::Truncate, 0),
        ("cut", _) => (Action::Cut, 0),
        ("drop", _) => (Action::Drop, 0),
        ("reset", _) => (Action::Reset, 0),
        ("down", []) => {
            return match &when.window {
                Some(window) if window.end < Duration::MAX && !when.chooses_requests() => {
                    let (at, length) = (window.start, window.end - window.start);
                    Ok(Line::Outage(Outage { at, length }))
                }
                _ => Err("\"down\" stands behind at TIME for DURATION alone".into()),
            };
        }
        (name, _) => {
            return Err(format!(
                "\"{name}\" is no condition ({CONDITIONS}) and no action ({ACTIONS})"
            ));
        }
    };
    match values.get(used) {
        Some(extra) => {
            Err(format!("\"{extra}\" is too much behind \"{name}\", one action ends a line"))
        }
        None => Ok(Line::Rule(Rule { when, action })),
    }
}

fn injected_fault(code: i32, message: &str) -> Action {
    let message = if message.is_empty() { "injected fault" } else { message };
    Action::Fault(Fault { code, message: message.into() })
}

fn read_number(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("number \"{text}\" is no whole one from 1"))
}

fn read_numbers(text: &str) -> Result<RangeInclusive<u64>, String> {
    let Some((first, last)) = text.split_once("..") else {
        return read_number(text).map(|number| number..=number);
    };
    let first = read_number(first)?;
    let last = if last.is_empty() { u64::MAX } else { read_number(last)? };
    if first > last {
        return Err(format!("requests \"{text}\" end before they begin, exchange the two"));
    }
    Ok(first..=last)
}

/// Reads a share: `0.01` or `1%`.
///
/// # Errors
///
/// It is not from 0 to 1, or not a number.
pub(crate) fn read_ratio(text: &str) -> Result<f64, String> {
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |percent| (percent, 100.0));
    let ratio = number.parse().map(|number: f64| number / scale);
    let good = ratio.ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    good.ok_or_else(|| format!("ratio \"{text}\" is none from 0 to 1, write it like 0.01 or 1%"))
}

fn read_method(name: &str) -> Result<String, String> {
    if METHODS.iter().any(|method| method.name == name) {
        return Ok(name.into());
    }
    let names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
    Err(format!("method \"{name}\" is not known, use one of {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(number: u64, at_ms: u64, method: &str) -> Arrival<'_> {
        Arrival { number, at: Duration::from_millis(at_ms), method, seed: 1 }
    }

    #[test]
    fn rules_strike_where_their_conditions_hold() {
        let ms = Duration::from_millis;
        let fault = |code, message| Some(injected_fault(code, message));
        let rows = [
            ("at 5s for 1.4s stall", arrival(1, 4_999, ""), None, "before the window"),
            (
                "at 5s for 1.4s stall",
                arrival(1, 5_000, ""),
                Some(Action::Stall(Some(ms(1_400)))),
                "at its begin",
            ),
            (
                "at 5s for 1.4s stall",
                arrival(1, 6_300, ""),
                Some(Action::Stall(Some(ms(100)))),
                "near its end",
            ),
            ("at 5s for 1.4s stall", arrival(1, 6_400, ""), None, "at its end"),
            (
                "at 5s for 1.4s stall 3s",
                arrival(1, 6_300, ""),
                Some(Action::Stall(Some(ms(3_000)))),
                "with a time of its own",
            ),
            ("at 5s drop", arrival(1, 999_999, ""), Some(Action::Drop), "a window without end"),
            ("request 5 reset", arrival(4, 0, ""), None, "one request only"),
            ("request 5 reset", arrival(5, 0, ""), Some(Action::Reset), "one request only"),
            ("request 5..7 cut", arrival(7, 0, ""), Some(Action::Cut), "the last one is included"),
            ("request 5..7 cut", arrival(8, 0, ""), None, "behind the last one"),
            ("request 5.. close", arrival(8, 0, ""), Some(Action::Close), "no last one"),
            ("every 3 truncate", arrival(6, 0, ""), Some(Action::Truncate), "each third"),
            ("every 3 truncate", arrival(7, 0, ""), None, "each third"),
            ("method echo garbage", arrival(1, 0, "echo"), Some(Action::Garbage), "its method"),
            ("method echo garbage", arrival(1, 0, ""), None, "another method"),
            ("ratio 100% status 503", arrival(1, 0, ""), Some(Action::Status(503)), "always"),
            ("ratio 0 status 503", arrival(1, 0, ""), None, "never"),
            ("request 1 fault", arrival(1, 0, ""), fault(-32500, ""), "the default fault"),
            (
                "request 1 fault 4 out of luck",
                arrival(1, 0, ""),
                fault(4, "out of luck"),
                "a fault in words",
            ),
            ("every 2 at 1s drop", arrival(2, 0, ""), None, "all conditions must hold"),
            ("every 2 at 1s drop", arrival(2, 1_000, ""), Some(Action::Drop), "in any order"),
            (
                "request 1 drop # now\n\n# then\nrequest 1..2 cut",
                arrival(1, 0, ""),
                Some(Action::Drop),
                "the first rule wins",
            ),
            (
                "request 1 drop\nrequest 1..2 cut",
                arrival(2, 0, ""),
                Some(Action::Cut),
                "or else the second",
            ),
        ];
        for (text, arrival, expected, what) in rows {
            let script = Script::parse("test", text).expect(text);
            assert_eq!(script.decide(arrival), expected, "{text}: {what}");
        }
    }

    #[test]
    fn ratios_are_met_and_rules_roll_their_own_dice() {
        let script = Script::parse("test", "ratio 50% drop\nratio 0.5 cut").expect("good");
        let drawn: Vec<_> = (1..=10_000).map(|n| script.decide(arrival(n, 0, ""))).collect();
        let count = |action| drawn.iter().filter(|drawn| **drawn == action).count();
        assert!((4_800..5_200).contains(&count(Some(Action::Drop))));
        assert!((2_300..2_700).contains(&count(Some(Action::Cut))));
        assert!((2_300..2_700).contains(&count(None)));
        let again: Vec<_> = (1..=10_000).map(|n| script.decide(arrival(n, 0, ""))).collect();
        assert_eq!(drawn, again, "the seed decides");
    }

    #[test]
    fn outages_are_kept_apart_and_in_order() {
        let mut script = Script::parse("test", "at 9s for 1s down").expect("good");
        assert!(!script.is_empty());
        script.append(Script::parse("test", "at 2s for 500ms down").expect("good"));
        let at: Vec<_> = script.outages.iter().map(|outage| outage.at.as_secs()).collect();
        assert_eq!(at, [2, 9]);
        assert_eq!(script.outages[0].length, Duration::from_millis(500));
        assert_eq!(script.decide(arrival(1, 9_500, "")), None);
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let rows = [
            ("fault", "\"fault\" is no condition, begin with one of at,"),
            ("at", "condition \"at\" lacks its value"),
            ("at soon drop", "\"soon\" has an unknown unit"),
            ("at 1s for", "\"for\" lacks its duration"),
            ("at 1s for 2s", "the action is missing"),
            ("at 1s explode", "\"explode\" is no condition"),
            ("at 1s at 2s drop", "stands twice"),
            ("at 1s stall", "\"stall\" lacks an end"),
            ("request 1 stall", "\"stall\" lacks an end"),
            ("request 0 drop", "\"0\" is no whole one from 1"),
            ("request 9..8 drop", "end before they begin"),
            ("request ..8 drop", "\"\" is no whole one"),
            ("every 0 drop", "\"0\" is no whole one"),
            ("ratio 2 drop", "ratio \"2\""),
            ("ratio NaN drop", "ratio \"NaN\""),
            ("method nonsense drop", "use one of echo, get_random_number"),
            ("request 1 fault x", "fault code \"x\""),
            ("request 1 status", "lacks its code"),
            ("request 1 status 200", "none from 400 to 599"),
            ("request 1 drop reset", "\"reset\" is too much behind \"drop\""),
            ("at 1s down", "\"down\" stands behind"),
            ("at 1s for 1s every 2 down", "\"down\" stands behind"),
        ];
        let text: String = rows.iter().map(|(line, _)| format!("{line}\n\n")).collect();
        let mistakes = Script::parse("chaos.txt", &text).expect_err("none is good");
        assert_eq!(mistakes.len(), rows.len());
        for (index, ((line, expected), mistake)) in rows.iter().zip(&mistakes).enumerate() {
            assert!(mistake.starts_with(&format!("chaos.txt:{}: ", 2 * index + 1)), "{mistake}");
            assert!(mistake.contains(expected), "{line}: {mistake}");
        }
    }
}
