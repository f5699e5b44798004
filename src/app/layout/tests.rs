//! Tests of the geometry: examples taken from the designed screens, and properties.

use proptest::prelude::*;

use super::*;

fn starts(layout: &Layout) -> Vec<(u16, u16)> {
    layout.columns.each().map(|(_, cells)| (cells.x, cells.width)).collect()
}

#[test]
fn the_inspector_stands_beside_the_table_in_a_wide_window() {
    let layout = Layout::new(120, 40, 12_480);
    assert_eq!(starts(&layout), starts(&Layout::new(80, 24, 12_480)));
    assert_eq!(layout.table, Area::new(0, 4, 79, 33));
    assert_eq!(layout.inspector, Side::Beside(Area::new(82, 4, 38, 33)));
    assert_eq!((layout.message.y, layout.hints.y), (38, 39));
    assert_eq!(layout.label_end(), 79);
    for (width, inspector) in [(113, 31), (120, 38), (124, 42), (130, 44), (160, 54), (188, 63), (200, 64), (300, 64)] {
        let layout = Layout::new(width, 40, 12_480);
        assert_eq!(layout.inspector.area().map(|area| area.width), Some(inspector), "{width}");
        assert_eq!(layout.table.width + 3 + inspector, width);
    }
}

#[test]
fn the_inspector_stands_below_the_table_in_a_narrow_window() {
    let layout = Layout::new(80, 24, 12_480);
    assert_eq!(starts(&layout), [(4, 6), (12, 23), (37, 5), (44, 23), (69, 10)]);
    assert_eq!(layout.table, Area::new(0, 4, 80, 11));
    assert_eq!(layout.inspector, Side::Below { rule: 15, area: Area::new(0, 16, 80, 6) });
    assert_eq!((layout.message.y, layout.hints.y), (22, 23));
    assert_eq!(layout.label_end(), 78);
    assert_eq!(layout.while_editing().table, Area::new(0, 4, 80, 18));
    assert!(matches!(Layout::new(112, 22, 5).inspector, Side::Below { .. }));
}

#[test]
fn a_small_window_gives_up_the_inspector_and_then_the_language() {
    let layout = Layout::new(69, 21, 12_480);
    assert_eq!(layout.inspector, Side::Hidden);
    assert_eq!(layout.columns.language, None);
    assert_eq!(starts(&Layout::new(60, 18, 12_480)), [(4, 6), (12, 16), (30, 17), (49, 10)]);
    for (width, height, too_small) in [(60, 18, false), (59, 18, true), (60, 17, true), (52, 10, true)] {
        assert_eq!(Layout::new(width, height, 1).is_too_small(), too_small);
    }
}

#[test]
fn number_column_fits_the_largest_row_number() {
    for (total, cells) in [(0, 3), (9, 3), (999, 3), (1_000, 5), (12_480, 6), (612_000, 7), (1_000_000, 9)] {
        assert_eq!(Layout::new(80, 24, total).digits, cells, "{total}");
    }
}

#[test]
fn the_editor_opens_upward_where_too_few_rows_are_left() {
    let layout = Layout::new(80, 24, 12_480).while_editing();
    assert_eq!(layout.editor(8), Area::new(0, 9, 80, 9));
    assert_eq!(layout.editor(12), Area::new(0, 13, 80, 9));
    assert_eq!(layout.editor(13), Area::new(0, 4, 80, 9));
    assert_eq!(layout.editor(21), Area::new(0, 12, 80, 9));
    assert_eq!(Layout::new(120, 40, 12_480).editor(16), Area::new(0, 17, 79, 9));
}

#[test]
fn picker_problems_and_review_split_into_their_panes() {
    let (wide, narrow) = (Layout::new(120, 40, 12_480), Layout::new(80, 24, 12_480));
    let picker = wide.picker();
    assert_eq!((picker.main, picker.side), (Area::new(0, 6, 66, 31), Side::Beside(Area::new(69, 4, 51, 33))));
    let picker = narrow.picker();
    assert_eq!(picker.main, Area::new(0, 6, 80, 7));
    assert_eq!(picker.side, Side::Below { rule: 14, area: Area::new(0, 15, 80, 7) });
    assert_eq!(Layout::new(80, 21, 9).picker().side, Side::Hidden);

    assert_eq!(wide.problems(6).main, Area::new(0, 4, wide.window.width, 6));
    let problems = narrow.problems(6);
    assert_eq!(problems.main, Area::new(0, 4, 80, 6));
    assert_eq!(problems.side, Side::Below { rule: 11, area: Area::new(0, 12, 80, 10) });

    assert_eq!(wide.review().side, Side::Beside(Area::new(80, 4, 40, 33)));
    assert_eq!(narrow.review().main, narrow.body);
}

#[test]
fn window_cell_maps_to_its_part_of_the_table() {
    let layout = Layout::new(120, 40, 12_480);
    assert_eq!(layout.place(45, 16), Some(CellPlace::Row { line: 12, column: Some(Column::Transcript) }));
    assert_eq!(layout.place(1, 4), Some(CellPlace::Row { line: 0, column: None }));
    assert_eq!(layout.place(38, 2), Some(CellPlace::Heading(Column::Language)));
    assert_eq!(layout.place(90, 20), Some(CellPlace::Inspector { line: 16 }));
    assert_eq!(layout.place(5, 1), Some(CellPlace::Tallies));
    assert_eq!(layout.place(80, 20), None);
    assert_eq!(layout.place(5, 37), None);
    assert_eq!(layout.place(400, 400), None);
}

proptest! {
    #[test]
    fn columns_beside_a_pane_are_never_narrower_than_in_80_cells(width in 80_u16..400, total in 0_u64..100_000_000) {
        let [narrow, wide] = [80, width].map(|width| Layout::new(width, 40, total));
        let names = |layout: &Layout| (layout.columns.video.width, layout.columns.transcript.width);
        prop_assert!(names(&narrow).0 <= names(&wide).0 && names(&narrow).1 <= names(&wide).1);
        prop_assert!(wide.bulk().main.width >= narrow.bulk().main.width);
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_window(
        width in 0_u16..400, height in 0_u16..200, total in 0_u64..100_000_000, y in 0_u16..200, groups in 0_u16..300,
    ) {
        let layout = Layout::new(width, height, total);
        for layout in [layout, layout.while_editing()] {
            if layout.is_too_small() {
                continue;
            }
            prop_assert!(layout.editor(y).bottom() <= layout.table.bottom());
            prop_assert_eq!(layout.editor(y).height, EDITOR_ROWS.min(layout.page().saturating_sub(1)));
            let columns: Vec<_> = layout.columns.each().map(|(_, cells)| cells).collect();
            prop_assert!(columns.windows(2).all(|pair| pair[0].right() + 2 == pair[1].x));
            prop_assert!(layout.columns.state.right() <= layout.table.right());
            prop_assert!(layout.page() >= 1);
            for panes in [
                Panes { main: layout.table, side: layout.inspector },
                layout.picker(),
                layout.problems(groups),
                layout.review(),
            ] {
                prop_assert!(panes.main.height >= 1);
                prop_assert!(panes.main.bottom() <= layout.body.bottom());
                match panes.side {
                    Side::Beside(area) => {
                        prop_assert!(panes.main.right() < area.x && area.right() == width);
                        prop_assert!(area.bottom() == layout.body.bottom());
                    }
                    Side::Below { rule, area } => {
                        prop_assert!(panes.main.bottom() <= rule && rule < area.y);
                        prop_assert!(area.height >= 1 && area.bottom() == layout.body.bottom());
                    }
                    Side::Hidden => {}
                }
            }
        }
    }
}
