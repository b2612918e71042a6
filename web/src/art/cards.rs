//! The pictures that stand for a page where somebody shares its address: portraits, framed, at the lake of the banner.
//!
//! There are no letters in them: whoever shows a card shows the page's title beside it, in the page's language.

use super::{
    banner,
    kit::{INK, Pen, svg},
};

/// Width and height in pixels, which is what those who show cards ask for.
pub const SIZE: (u32, u32) = (1200, 630);

/// The part of the banner that has the card's shape and the fire on its right.
const FIRE_RIGHT: [u32; 4] = [560, 0, 914, 480];
/// The same with the fire in the middle.
const FIRE_CENTRED: [u32; 4] = [603, 0, 914, 480];

/// The card of one mysfit, given its portrait.
pub fn draw(portrait: &str) -> String {
    let mut pen = lake(FIRE_RIGHT);
    pen.turned(-3, 300, 310, |pen| framed(pen, portrait, 58, 70, 480));
    svg(SIZE, banner::SKY, &pen)
}

/// The card of all of them, given three portraits.
pub fn draw_all(portraits: [&str; 3]) -> String {
    let mut pen = lake(FIRE_CENTRED);
    let [left, middle, right] = portraits;
    pen.turned(-6, 250, 230, |pen| framed(pen, left, 122, 78, 256));
    pen.turned(6, 950, 230, |pen| framed(pen, right, 822, 78, 256));
    framed(&mut pen, middle, 450, 50, 300);
    svg(SIZE, banner::SKY, &pen)
}

fn lake(part: [u32; 4]) -> Pen {
    let mut pen = Pen::default();
    let (width, height) = (SIZE.0.cast_signed(), SIZE.1.cast_signed());
    pen.inset(&banner::draw(), part, [0, 0, width, height]);
    pen
}

/// A portrait in the same frame as on the page: paper, ink, and a shadow without blur.
fn framed(pen: &mut Pen, portrait: &str, left: i32, top: i32, size: i32) {
    let board = |x: i32, y: i32| {
        let (edge, r) = (size + 16, 28);
        format!(
            "M{x} {y}h{edge}q{r} 0 {r} {r}v{edge}q0 {r}-{r} {r}h-{edge}q-{r} 0-{r}-{r}v-{edge}q0-{r} {r}-{r}z"
        )
    };
    pen.glaze("#150d38", 70, &board(left - 8, top - 22));
    pen.group(&format!(r#"stroke="{INK}" stroke-width="8" stroke-linejoin="round""#), |pen| {
        pen.shape("#fdf6e6", &board(left - 8, top - 36));
        pen.inset(portrait, [0, 0, 320, 320], [left, top, size, size]);
        pen.line(&format!("M{left} {top}h{size}v{size}h-{size}z"));
    });
}
