//! A reader of OpenMetrics text that forgives nothing: what it takes, every other one takes.
use std::collections::{BTreeMap, BTreeSet};

/// Labels in order of their names, and the value.
pub(super) type Samples = BTreeMap<(String, BTreeMap<String, String>), f64>;

/// Reads a page; what is wrong with it otherwise.
pub(super) fn read(page: &str) -> Result<Samples, String> {
    let body = page.strip_suffix("# EOF\n").ok_or("no end")?;
    let mut samples = Samples::new();
    let mut seen = BTreeSet::new();
    let mut family = Family::default();
    for line in body.lines() {
        let wrong = |what: &str| Err(format!("{what}: {line}"));
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (Some(kind), Some(name), Some(text)) = (words.next(), words.next(), words.next())
            else {
                return wrong("a comment");
            };
            if name != family.name {
                family.finish(&samples)?;
                if !seen.insert(name.to_owned()) || !is_name(name, ":") {
                    return wrong("a family in two places, or a bad name");
                }
                family = Family { name: name.to_owned(), ..Family::default() };
            }
            match kind {
                "HELP" if !text.contains(['\\', '"']) => {}
                "TYPE" if family.kind.is_empty() => family.kind = text.to_owned(),
                "UNIT" if name.ends_with(&format!("_{text}")) => {}
                _ => return wrong("metadata"),
            }
            continue;
        }
        let (name, labels, value) = sample(line)?;
        let suffix = name.strip_prefix(family.name.as_str()).ok_or(format!("astray: {line}"))?;
        let fits = match family.kind.as_str() {
            "counter" => suffix == "_total" && value >= 0.0,
            "gauge" => suffix.is_empty(),
            "info" => suffix == "_info" && value == 1.0,
            "histogram" => match suffix {
                "_bucket" => labels.contains_key("le"),
                "_sum" | "_count" => !labels.contains_key("le"),
                _ => false,
            },
            _ => false,
        };
        if !fits || !value.is_finite() {
            return wrong("does not fit its type");
        }
        if suffix == "_bucket" {
            family.buckets.push((name.clone(), labels.clone(), value));
        }
        if samples.insert((name, labels), value).is_some() {
            return wrong("twice");
        }
    }
    family.finish(&samples)?;
    Ok(samples)
}

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    buckets: Vec<(String, BTreeMap<String, String>, f64)>,
}

impl Family {
    /// Buckets rise, and the last one is the count.
    fn finish(&self, samples: &Samples) -> Result<(), String> {
        let without = |labels: &BTreeMap<String, String>| {
            let mut labels = labels.clone();
            let le = labels.remove("le").unwrap_or_default();
            (labels, le)
        };
        for of_one in self.buckets.chunk_by(|a, b| without(&a.1).0 == without(&b.1).0) {
            let ends: Vec<f64> = of_one
                .iter()
                .map(|(_, labels, _)| match without(labels).1.as_str() {
                    "+Inf" => Ok(f64::INFINITY),
                    // Canonical: a float is written as one.
                    le if le.contains('.') => le.parse().map_err(|_| format!("le {le}")),
                    le => Err(format!("le {le}")),
                })
                .collect::<Result<_, _>>()?;
            let rises = ends.windows(2).all(|two| two[0] < two[1])
                && of_one.windows(2).all(|two| two[0].2 <= two[1].2);
            let (Some((_, labels, last)), Some(end)) = (of_one.last(), ends.last()) else {
                continue;
            };
            let count = samples.get(&(format!("{}_count", self.name), without(labels).0));
            if !rises || *end != f64::INFINITY || count != Some(last) {
                return Err(format!("the histogram {} {labels:?}", self.name));
            }
        }
        Ok(())
    }
}

fn is_name(name: &str, more: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || more.contains(c);
    !name.is_empty() && name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// `name{label="value",…} 1.5`
fn sample(line: &str) -> Result<(String, BTreeMap<String, String>, f64), String> {
    let wrong = || format!("no sample: {line}");
    let end = line.find(['{', ' ']).ok_or_else(wrong)?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, value) = rest.split_once("=\"").ok_or_else(wrong)?;
            let (text, after) = quoted(value).ok_or_else(wrong)?;
            if !is_name(label, "") || labels.insert(label.to_owned(), text).is_some() {
                return Err(wrong());
            }
            rest = match after.strip_prefix(',') {
                Some(more) if !more.starts_with('}') => more,
                Some(_) => return Err(wrong()),
                None if after.starts_with('}') => after,
                None => return Err(wrong()),
            };
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ').ok_or_else(wrong)?.parse().map_err(|_| wrong())?;
    if is_name(name, ":") { Ok((name.to_owned(), labels, value)) } else { Err(wrong()) }
}

/// The text up to the closing quote, and what is behind that.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[place + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => return None,
            }),
            c => value.push(c),
        }
    }
    None
}

#[test]
fn the_reader_forgives_nothing() {
    let good = "# HELP a b.\n# TYPE a counter\na_total{x=\"\\\"\\\\\\n\"} 1\n# EOF\n";
    assert_eq!(read(good).expect("good").len(), 1);
    let counter = |line: &str| format!("# HELP a b.\n# TYPE a counter\n{line}\n# EOF\n");
    let histogram = |lines: &str| format!("# TYPE h histogram\n{lines}\n# EOF\n");
    for bad in [
        String::new(),
        good.replace("# EOF\n", ""),
        counter("a 1"),
        counter("a_total -1"),
        counter("a_total NaN"),
        counter("a_total{x=\"1\",} 1"),
        counter("a_total{x=\"1\",x=\"2\"} 1"),
        counter("a_total{x=\"\\t\"} 1"),
        counter("a_total 1\na_total 2"),
        counter("b_total 1"),
        counter("a_total 1\n# HELP b c.\n# TYPE b gauge\nb 1\n# HELP a b."),
        histogram("h_bucket{le=\"1.0\"} 1\nh_count 1\nh_sum 1"),
        histogram("h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 1"),
        histogram("h_bucket{le=\"1.0\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 1"),
        histogram("h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_count 2\nh_sum 1"),
    ] {
        assert!(read(&bad).is_err(), "{bad}");
    }
}
