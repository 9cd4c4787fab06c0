//! A chart: lines over an axis, drawn here, so that it is there without a script and on paper; the script
//! only tells the figures under a pointer.
use super::markup::{Element, Markup, element};
use super::scale::Scale;
use serde_json::{Value, json};

/// The size of a drawing, in its own units; about pixels where two charts stand side by side.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 200.0;
/// What is left free around the lines, for words: above, right, below, left.
const MARGINS: [f64; 4] = [16.0, 10.0, 22.0, 48.0];
/// The least distance between the words of two marks.
const MARK_WIDTH: f64 = 64.0;
/// Lines that can be told apart, by colour and by dashes.
pub(super) const MOST_LINES: usize = 6;

/// One line: a value for each place, or none.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) values: Vec<Option<f64>>,
}

/// A moment that is marked across the chart.
#[derive(Debug)]
pub(super) struct Mark {
    /// Where on the axis, from 0 to 1.
    pub(super) place: f64,
    /// What stands above it, if anything.
    pub(super) label: Option<String>,
    /// What it is.
    pub(super) title: String,
}

/// What is to be drawn.
#[derive(Debug)]
pub(super) struct Chart<'a> {
    /// What it is called in the page; unique.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// Charts of one group share their axis: a pointer in one points into all.
    pub(super) group: &'static str,
    /// Where the values stand on the axis, from 0 to 1, in order; and what each place is called.
    pub(super) places: &'a [f64],
    pub(super) names: &'a [String],
    /// The words of the axis, and where they stand.
    pub(super) ticks: &'a [(f64, String)],
    /// At most [`MOST_LINES`].
    pub(super) lines: Vec<Line>,
    pub(super) scale: Scale,
    /// How a value is written, and how at the axis.
    pub(super) words: fn(f64) -> String,
    pub(super) tick: fn(f64) -> String,
    pub(super) marks: &'a [Mark],
}

impl Chart<'_> {
    /// The chart with its title and legend.
    pub(super) fn figure(&self) -> Markup {
        let scale = if self.scale.is_log() { " (logarithmic)" } else { "" };
        let title = element("figcaption").text(format!("{}{scale}", self.title));
        let figure = element("figure").attr("data-chart", self.id).attr("data-group", self.group);
        figure.with(title).with(self.legend()).with(self.drawing()).into()
    }

    /// What the script needs: where values stand, and how they read.
    pub(super) fn data(&self) -> Value {
        let lines = self.lines.iter().enumerate().map(|(place, line)| {
            let words = line.values.iter().map(|value| value.map(self.words));
            json!({"name": line.name, "class": class(place), "words": words.collect::<Vec<_>>()})
        });
        json!({
            "x": self.places.iter().map(|place| tenths(x(*place))).collect::<Vec<_>>(),
            "names": self.names,
            "lines": lines.collect::<Vec<_>>(),
        })
    }

    fn legend(&self) -> Markup {
        let entry = |(place, line): (usize, &Line)| {
            let sample = element("path").attr("d", "M1 5h22").class(class(place));
            let sample = element("svg")
                .attr("viewBox", "0 0 24 10")
                .attr("aria-hidden", "true")
                .with(sample);
            element("li").with(sample).text(&line.name)
        };
        element("ul")
            .class("legend")
            .with(self.lines.iter().enumerate().map(entry).collect::<Markup>())
            .into()
    }

    fn drawing(&self) -> Element {
        let svg =
            element("svg").attr("viewBox", format!("0 0 {WIDTH} {HEIGHT}")).attr("role", "img");
        let svg = svg.attr("aria-label", self.description());
        let lines = self.lines.iter().enumerate();
        let lines: Markup =
            lines.map(|(place, line)| self.path(line).class(class(place))).collect();
        svg.with(self.axes()).with(self.marks()).with(lines)
    }

    /// The chart in a sentence, for those who do not see it: what each line reaches.
    fn description(&self) -> String {
        let reach = |line: &Line| {
            let values =
                line.values.iter().zip(self.names).filter_map(|(v, name)| Some(((*v)?, name)));
            let most = values.max_by(|a, b| a.0.total_cmp(&b.0));
            most.map(|(value, name)| {
                format!("{} at most {} ({name})", line.name, (self.words)(value))
            })
        };
        let reaches: Vec<_> = self.lines.iter().filter_map(reach).collect();
        format!(
            "{}: {}",
            self.title,
            if reaches.is_empty() { "nothing".to_owned() } else { reaches.join(", ") }
        )
    }

    fn axes(&self) -> Markup {
        let [top, right, bottom, left] = MARGINS;
        let mut axes = Markup::default();
        for value in self.scale.ticks() {
            let y = y(self.scale.place(value));
            axes.add(line([left, y, WIDTH - right, y]).class("grid"));
            let word =
                element("text").attr("x", left - 6.0).attr("y", tenths(y + 3.5)).class("tick end");
            axes.add(word.text((self.tick)(value)));
        }
        for (place, name) in self.ticks {
            let x = x(*place);
            axes.add(line([x, HEIGHT - bottom, x, HEIGHT - bottom + 3.0]).class("axis"));
            // The last word must not leave the drawing.
            let class = if *place > 0.97 { "tick end" } else { "tick middle" };
            let x = if *place > 0.97 { WIDTH - 2.0 } else { x };
            let word = element("text").attr("x", tenths(x)).attr("y", HEIGHT - 7.0).class(class);
            axes.add(word.text(name));
        }
        axes.add(line([left, HEIGHT - bottom, WIDTH - right, HEIGHT - bottom]).class("axis"));
        axes.add(line([left, top, left, HEIGHT - bottom]).class("axis"));
        axes
    }

    fn marks(&self) -> Markup {
        let [top, right, bottom, _] = MARGINS;
        let mut marks = Markup::default();
        let mut free_from = 0.0;
        for Mark { place, label, title } in self.marks {
            let at = x(*place);
            let mark = line([at, top, at, HEIGHT - bottom]).class("mark");
            marks.add(mark.with(element("title").text(title)));
            let Some(label) = label.as_deref().filter(|_| at >= free_from) else { continue };
            free_from = at + MARK_WIDTH;
            let (class, at) = if at > WIDTH - right - MARK_WIDTH {
                ("tick end", at + 4.0)
            } else {
                ("tick", at - 4.0)
            };
            let word = element("text").attr("x", tenths(at)).attr("y", top - 5.0).class(class);
            marks.add(word.text(label).with(element("title").text(title)));
        }
        marks
    }

    /// A line that is broken where there is no value; a value between two such is a dot.
    fn path(&self, line: &Line) -> Element {
        let mut path = String::new();
        let mut drawing = false;
        for (place, value) in self.places.iter().zip(&line.values) {
            let Some(value) = value else {
                drawing = false;
                continue;
            };
            let (x, y) = (tenths(x(*place)), tenths(y(self.scale.place(*value))));
            // A line to itself shows as a dot.
            path += &if drawing { format!("L{x} {y}") } else { format!("M{x} {y}h0") };
            drawing = true;
        }
        element("path").attr("d", path)
    }
}

fn class(place: usize) -> &'static str {
    ["line a", "line b", "line c", "line d", "line e", "line f"][place % MOST_LINES]
}

fn x(place: f64) -> f64 {
    let [_, right, _, left] = MARGINS;
    left + place * (WIDTH - left - right)
}

fn y(place: f64) -> f64 {
    let [top, _, bottom, _] = MARGINS;
    HEIGHT - bottom - place * (HEIGHT - top - bottom)
}

fn line([x1, y1, x2, y2]: [f64; 4]) -> Element {
    let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(tenths);
    element("line").attr("x1", x1).attr("y1", y1).attr("x2", x2).attr("y2", y2)
}

/// As exactly as anybody sees.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_where_there_is_no_value() {
        let names = ["a", "b", "c", "d", "<e>"].map(str::to_owned);
        let chart = Chart {
            id: "x",
            title: "\"T\"".to_owned(),
            group: "g",
            places: &[0.0, 0.25, 0.5, 0.75, 1.0],
            names: &names,
            ticks: &[],
            lines: vec![Line {
                name: "n<".to_owned(),
                values: vec![Some(1.0), Some(2.0), None, Some(4.0), None],
            }],
            scale: Scale::to(4.0),
            words: |value| format!("{value} &"),
            tick: |value| value.to_string(),
            marks: &[Mark { place: 0.5, label: Some("<v2>".to_owned()), title: "'t'".to_owned() }],
        };
        let figure = chart.figure();
        let text = figure.as_str();
        assert!(
            text.contains("<path d=\"M48 137.5h0L153.5 97M364.5 16h0\" class=\"line a\"/>"),
            "{text}"
        );
        assert!(text.contains("aria-label=\"&quot;T&quot;: n&lt; at most 4 &amp; (d)\""), "{text}");
        assert!(text.contains(">&lt;v2&gt;<title>&#39;t&#39;</title></text>"), "{text}");
        assert_eq!(chart.data()["lines"][0]["words"], json!(["1 &", "2 &", null, "4 &", null]));
        assert_eq!(chart.data()["x"][4], 470.0);
    }
}
