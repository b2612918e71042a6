//! Makes screenshots small: at most 256 colours, which drawings and text hardly need more than.

use std::{collections::HashMap, io::Cursor};

use anyhow::{Context as _, Result, ensure};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

/// The most colours of a PNG file with a palette.
const MAX_COLOURS: usize = 256;

type Colour = [u8; 3];

/// Returns the PNG file with a palette. The most frequent colours stay as they are; each other colour becomes the nearest one.
///
/// # Errors
/// If it is no PNG file.
pub fn reduce(png: &[u8]) -> Result<Vec<u8>> {
    let mut decoder = Decoder::new(Cursor::new(png));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().context("the screenshot is no PNG file")?;
    let mut data = vec![0; reader.output_buffer_size().context("the screenshot is too large")?];
    let info = reader.next_frame(&mut data)?;
    let channels = info.color_type.samples();
    ensure!(channels >= 3, "the screenshot has no colours");
    let colours: Vec<Colour> =
        data.chunks_exact(channels).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let palette = palette(&colours);
    let mut known = HashMap::new();
    let pixels: Vec<u8> = colours
        .iter()
        .map(|colour| *known.entry(*colour).or_insert_with(|| nearest(&palette, *colour)))
        .collect();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, info.width, info.height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(out)
}

/// Returns the most frequent colours. Of colours that differ little, only the most frequent one counts, with the pixels of all.
fn palette(colours: &[Colour]) -> Vec<Colour> {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for colour in colours {
        *counts.entry(*colour).or_default() += 1;
    }
    // A group's colours have the same five high bits in each channel: pixels, pixels of its most frequent colour, and that.
    let mut groups: HashMap<Colour, (usize, usize, Colour)> = HashMap::new();
    for (colour, count) in counts {
        let (all, most, representative) =
            groups.entry(colour.map(|channel| channel >> 3)).or_insert((0, 0, colour));
        *all += count;
        // Of equally frequent colours the lower one, so that the result is always the same.
        if (count, *representative) > (*most, colour) {
            (*most, *representative) = (count, colour);
        }
    }
    let mut groups: Vec<_> = groups.into_values().map(|(all, _, colour)| (all, colour)).collect();
    groups.sort_by_key(|(all, colour)| (std::cmp::Reverse(*all), *colour));
    groups.into_iter().take(MAX_COLOURS).map(|(_, colour)| colour).collect()
}

/// Returns the place of the nearest colour of the palette; of equally near ones the first.
fn nearest(palette: &[Colour], colour: Colour) -> u8 {
    let distance = |other: &Colour| -> u32 {
        other.iter().zip(colour).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    let place =
        palette.iter().enumerate().min_by_key(|(_, other)| distance(other)).map_or(0, |(place, _)| place);
    u8::try_from(place).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the picture of a file: width, height, and colours.
    fn decode(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut decoder = Decoder::new(Cursor::new(png));
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut data = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut data).unwrap();
        (info.width, info.height, data)
    }

    fn encode(width: u32, rgb: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, width, rgb.len() as u32 / 3 / width);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(rgb).unwrap();
        out
    }

    #[test]
    fn few_colours_stay_as_they_are() {
        let rgb = [255, 253, 248, 0, 0, 0, 107, 63, 184, 255, 253, 248];
        assert_eq!(decode(&reduce(&encode(2, &rgb)).unwrap()), (2, 2, rgb.to_vec()));
    }

    #[test]
    fn of_many_colours_each_becomes_a_near_one() {
        let rgb: Vec<u8> =
            (0..64_u32 * 64).flat_map(|i| [(i % 64 * 4) as u8, (i / 64 * 4) as u8, 128]).collect();
        let reduced = reduce(&encode(64, &rgb)).unwrap();
        let (width, height, colours) = decode(&reduced);
        assert_eq!((width, height), (64, 64));
        assert_eq!(reduced, reduce(&encode(64, &rgb)).unwrap());
        let distinct: std::collections::BTreeSet<_> = colours.chunks(3).collect();
        assert!(distinct.len() <= MAX_COLOURS);
    }

    #[test]
    fn rejects_what_is_no_picture() {
        assert!(reduce(b"no picture").is_err());
    }
}
