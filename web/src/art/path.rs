//! Shortens path data: the drawings are written in absolute coordinates, which people can read, and stored in relative
//! ones, which take a quarter less room.
//!
//! Knows the commands M, L, H, V, C, S, Q, T, A and Z with whole numbers, which is what the drawings use.

use std::fmt::Write as _;

/// The same path with relative commands, repeated letters left out and the fewest separators.
///
/// # Panics
/// If `d` holds a command or a number that is not known; drawings are fixed at compile time, so a test finds that.
pub fn shorten(d: &str) -> String {
    let mut out = String::with_capacity(d.len());
    let (mut at, mut start) = ((0, 0), (0, 0));
    let mut last = ' ';
    for (command, numbers) in commands(d) {
        let (relative, upper) = (command.to_ascii_lowercase(), command.is_ascii_uppercase());
        if relative == 'z' {
            out.push('z');
            (at, last) = (start, ' ');
            continue;
        }
        for (i, chunk) in numbers.chunks(arity(relative)).enumerate() {
            // Further pairs of a move are lines.
            let name = if relative == 'm' && i > 0 { 'l' } else { relative };
            let values = to_relative(name, chunk, if upper { at } else { (0, 0) });
            at = end(name, &values, at);
            if name == 'm' {
                start = at;
            }
            // The first move is absolute by definition, so that one may be spelled either way.
            if name != last || name == 'm' {
                out.push(name);
            }
            for (j, value) in values.iter().enumerate() {
                let first = j == 0 && out.ends_with(|c: char| c.is_ascii_alphabetic());
                if !first && *value >= 0 {
                    out.push(' ');
                }
                let _ = write!(out, "{value}");
            }
            last = if name == 'm' { 'l' } else { name };
        }
    }
    out
}

fn arity(command: char) -> usize {
    match command {
        'm' | 'l' | 't' => 2,
        'h' | 'v' => 1,
        'c' => 6,
        's' | 'q' => 4,
        'a' => 7,
        other => panic!("unknown path command {other:?}"),
    }
}

/// `chunk` seen from `from`; arcs keep their radii, angle and flags.
fn to_relative(command: char, chunk: &[i32], from: (i32, i32)) -> Vec<i32> {
    chunk
        .iter()
        .enumerate()
        .map(|(i, value)| match command {
            'h' => value - from.0,
            'v' => value - from.1,
            'a' if i < 5 => *value,
            'a' => value - if i == 5 { from.0 } else { from.1 },
            _ => value - if i % 2 == 0 { from.0 } else { from.1 },
        })
        .collect()
}

fn end(command: char, values: &[i32], at: (i32, i32)) -> (i32, i32) {
    match (command, values) {
        ('h', [dx]) => (at.0 + dx, at.1),
        ('v', [dy]) => (at.0, at.1 + dy),
        (_, [.., dx, dy]) => (at.0 + dx, at.1 + dy),
        _ => panic!("a path command lacks numbers: {command}{values:?}"),
    }
}

fn commands(d: &str) -> Vec<(char, Vec<i32>)> {
    let mut commands = Vec::new();
    let mut rest = d.trim();
    while let Some(command) = rest.chars().next() {
        let body = &rest[1..];
        let length = body.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(body.len());
        commands.push((command, numbers(&body[..length])));
        rest = &body[length..];
    }
    commands
}

fn numbers(text: &str) -> Vec<i32> {
    let spaced = text.replace('-', " -");
    spaced
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().unwrap_or_else(|_| panic!("not a whole number in a path: {word:?}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn absolute_becomes_relative() {
        assert_eq!(shorten("M10 10L20 30H5V0z"), "m10 10 10 20h-15v-30z");
        assert_eq!(shorten("M1 2C3 4 5 6 7 8S9 9 10 10"), "m1 2c2 2 4 4 6 6s2 1 3 2");
    }

    #[test]
    fn closing_returns_to_the_start() {
        assert_eq!(shorten("M10 10h5zM20 20h1"), "m10 10h5zm10 10h1");
    }

    #[test]
    fn pairs_after_a_move_are_lines_and_letters_are_not_repeated() {
        assert_eq!(shorten("M5 5 6 7L8 8"), "m5 5 1 2 2 1");
        assert_eq!(shorten("M0 0Q1 1 2 2Q3 3 4 4"), "m0 0q1 1 2 2 1 1 2 2");
    }

    #[test]
    fn arcs_keep_radii_and_flags() {
        assert_eq!(shorten("M10 10A5 6 0 1 0 20 20"), "m10 10a5 6 0 1 0 10 10");
    }

    #[test]
    #[should_panic(expected = "not a whole number")]
    fn fractions_are_refused() {
        shorten("M0.5 1");
    }
}
