"""Functions that give the same for the same arguments, by name, for each dialect: those that are built in there. Data only.

A function that is not listed is taken for one that does not: a user's own function may read anything. So a name that one warehouse
builds in is unknown in another, where somebody wrote it. A dialect without a list has the names that all of them build in.
"""

from __future__ import annotations

# Built in everywhere.
_COMMON = """
    abs acos asin atan atan2 avg cast ceil ceiling coalesce concat corr cos count covar_pop covar_samp
    cume_dist degrees dense_rank exp extract first_value floor greatest grouping lag last_value lead least
    left length ln lower lpad ltrim max min mod nth_value ntile nullif percent_rank power radians rank
    repeat replace reverse right round row_number rpad rtrim sign sin sqrt stddev_pop stddev_samp substring
    sum tan trim upper var_pop var_samp
"""
_DUCKDB = """
    acosh add aggregate ago alias any_value apply approx_count_distinct approx_quantile approx_top_k
    arbitrary arg_max arg_max_null arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last argmax argmin
    array_agg array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains
    array_cosine_distance array_cosine_similarity array_cross_product array_distance array_distinct
    array_dot_product array_extract array_filter array_grade_up array_has array_has_all array_has_any
    array_indexof array_inner_product array_intersect array_length array_negative_dot_product
    array_negative_inner_product array_pop_back array_pop_front array_position array_prepend array_push_back
    array_push_front array_reduce array_resize array_reverse array_reverse_sort array_select array_slice
    array_sort array_to_json array_to_string array_to_string_comma_default array_transform array_unique
    array_value array_where array_zip ascii asinh assert_true atanh bar base64 bin binom bit_and bit_count
    bit_length bit_or bit_position bit_xor bitstring bitstring_agg bitstring_byte_comparable bool_and
    bool_or can_cast_implicitly cardinality cast_to_type cbrt century char_length character_length chr
    collate_aa collate_af collate_am collate_ar collate_ar_sa collate_as collate_az collate_bal collate_be
    collate_bg collate_blo collate_bn collate_bo collate_br collate_bs collate_ca collate_ceb collate_chr
    collate_cs collate_cu collate_cy collate_da collate_de collate_de_at collate_dsb collate_dz collate_ee
    collate_el collate_en collate_en_us collate_eo collate_es collate_et collate_fa collate_fa_af collate_ff
    collate_fi collate_fil collate_fo collate_fr collate_fr_ca collate_fy collate_ga collate_gl collate_gu
    collate_ha collate_haw collate_he collate_he_il collate_hi collate_hr collate_hsb collate_hu collate_hy
    collate_id collate_id_id collate_ig collate_is collate_it collate_ja collate_ka collate_kk collate_kl
    collate_km collate_kn collate_ko collate_kok collate_ku collate_ky collate_lb collate_lij collate_lkt
    collate_ln collate_lo collate_lt collate_lv collate_mk collate_ml collate_mn collate_mr collate_ms
    collate_mt collate_my collate_nb collate_nb_no collate_ne collate_nl collate_nn collate_no
    collate_noaccent collate_nso collate_om collate_or collate_pa collate_pa_in collate_pl collate_ps
    collate_pt collate_ro collate_ru collate_sa collate_se collate_sgs collate_si collate_sk collate_sl
    collate_smn collate_sq collate_sr collate_sr_ba collate_sr_me collate_sr_rs collate_ssy collate_st
    collate_sv collate_sw collate_ta collate_te collate_th collate_tk collate_tn collate_to collate_tr
    collate_ug collate_uk collate_ur collate_uz collate_vi collate_vo collate_wae collate_wo collate_xh
    collate_yi collate_yo collate_zh collate_zh_cn collate_zh_hk collate_zh_mo collate_zh_sg collate_zh_tw
    collate_zu columns concat_ws constant_or_null contains cosh cot count_if count_star countif
    create_sort_key damerau_levenshtein date_add date_diff date_part date_sub date_trunc datediff datepart
    datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month decade decimal_average
    decimal_division decode divide editdist3 element_at encode ends_with entropy epoch epoch_ms epoch_ns
    epoch_us equi_width_bins era even factorial favg fdiv filter first flatten fmod format format_bytes
    from_base64 from_binary from_hex from_json from_json_strict fsum gamma gcd generate_series
    generate_subscripts geomean geometric_mean get_bit get_block_size get_type grade_up
    greatest_common_divisor group_concat grouping_id hamming hash hex histogram histogram_exact
    hive_partition_component hour if ifnull ilike_escape index_key instr invoke is_histogram_other_bin
    isfinite isinf isnan isodow isoyear jaccard jaro_similarity jaro_winkler_similarity json json_array
    json_array_length json_contains json_copy_strftime_if_date json_copy_strftime_if_timestamp
    json_deep_merge json_deserialize_sql json_exists json_extract json_extract_path json_extract_path_text
    json_extract_string json_group_array json_group_object json_group_structure json_insert json_keys
    json_merge_patch json_merge_patch_diff json_normalize json_object json_pretty json_quote json_remove
    json_replace json_set json_strip_nulls json_structure json_transform json_transform_strict json_type
    json_valid json_value julian kahan_sum kurtosis kurtosis_pop last last_day lcase lcm
    least_common_multiple left_grapheme len length_grapheme levenshtein lgamma like_escape list list_aggr
    list_aggregate list_any_value list_append list_apply list_approx_count_distinct list_avg list_bit_and
    list_bit_or list_bit_xor list_bool_and list_bool_or list_cat list_concat list_contains
    list_cosine_distance list_cosine_similarity list_count list_distance list_distinct list_dot_product
    list_element list_entropy list_extract list_filter list_first list_grade_up list_has list_has_all
    list_has_any list_histogram list_indexof list_inner_product list_intersect list_kurtosis
    list_kurtosis_pop list_last list_mad list_max list_median list_min list_mode list_negative_dot_product
    list_negative_inner_product list_pack list_position list_prepend list_product list_reduce list_resize
    list_reverse list_reverse_sort list_select list_sem list_skewness list_slice list_sort list_stddev_pop
    list_stddev_samp list_string_agg list_sum list_transform list_unique list_value list_var_pop
    list_var_samp list_where list_zip listagg log log10 log2 lttb mad make_date make_time make_timestamp
    make_timestamp_ms make_timestamp_ns make_timestamptz make_type map map_concat map_contains
    map_contains_entry map_contains_value map_entries map_extract map_extract_value map_from_entries
    map_keys map_values max_by md5 md5_number md5_number_lower md5_number_upper mean median microsecond
    millennium millisecond min_by minute mismatches mode month monthname multiply nanosecond nextafter
    nfc_normalize normalized_interval not_ilike_escape not_like_escape octet_length ord overlay
    parse_dirname parse_dirpath parse_filename parse_formatted_bytes parse_path path_join percentile_cont
    percentile_disc pi position pow prefix printf product quantile quantile_cont quantile_disc quarter range
    reduce regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace
    regexp_split_to_array regexp_split_to_table regr_avgx regr_avgy regr_count regr_intercept regr_r2
    regr_slope regr_sxx regr_sxy regr_syy remap_struct replace_type reservoir_quantile right_grapheme
    round_even roundbankers row_to_json second sem set_bit sha1 sha256 signbit sinh skewness split
    split_part st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_crs st_geomfromgeojson st_geomfromwkb
    st_intersects_extent st_setcrs starts_with stddev str_split str_split_regex strftime string_agg
    string_split string_split_regex string_to_array strip_accents strlen strpos strptime struct_concat
    struct_contains struct_extract struct_extract_at struct_has struct_indexof struct_insert struct_keys
    struct_pack struct_position struct_update struct_values substr substring_grapheme subtract suffix
    sum_no_overflow sumkahan switch tanh time_bucket timetz_byte_comparable timezone timezone_hour
    timezone_minute to_base to_base64 to_binary to_centuries to_days to_decades to_hex to_hours to_json
    to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp
    to_weeks to_years translate trunc try try_cast try_strptime typeof ucase unbin unhex unicode
    union_extract union_tag union_value unnest unpivot_list url_decode url_encode uuid_extract_timestamp
    uuid_extract_version variance variant_array_length variant_bytes_to_variant variant_comparator
    variant_contains variant_exists variant_extract variant_extract_string variant_group_array
    variant_group_object variant_keys variant_normalize variant_to_parquet_variant variant_type
    variant_typeof vertex_extract wavg week weekday weekofyear weighted_avg xor year yearweek
"""
# Those of version 13 on: what a later one built in is somebody's own in an older one. None of an enum, which gets new words.
_POSTGRES = """
    acosh array_agg array_append array_cat array_length array_position array_prepend array_to_json
    array_to_string ascii asinh atanh bit_and bit_length bit_or bool_and bool_or cardinality cbrt
    char_length character_length chr concat_ws cosh cot date_part date_trunc decode encode factorial format
    gcd generate_series generate_subscripts get_bit initcap isfinite json_array_length json_extract_path
    json_extract_path_text json_object json_strip_nulls lcm like_escape log log10 make_date make_time
    make_timestamp make_timestamptz md5 mode octet_length overlay percentile_cont percentile_disc pi
    position pow regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regr_avgx
    regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy row_to_json set_bit
    sha256 sinh split_part starts_with stddev string_agg string_to_array strpos substr tanh timezone to_char
    to_date to_hex to_json to_number to_timestamp translate trunc unnest variance
"""
_REDSHIFT = """
    add_months any_value array_concat ascii bit_and bit_or bool_and bool_or cbrt char_length
    character_length charindex chr convert_timezone cot date_part date_trunc dateadd datediff decode
    from_hex initcap json_array_length json_extract_path_text last_day len listagg log md5 median
    months_between nvl nvl2 octet_length percentile_cont percentile_disc pi position pow regexp_count
    regexp_replace regexp_substr sha1 sha2 split_part stddev strpos substr timezone to_char to_date to_hex
    to_number to_timestamp translate trunc variance
"""
_SNOWFLAKE = """
    acosh add_months any_value approx_count_distinct array_agg array_append array_cat array_contains
    array_distinct array_position array_prepend array_reverse array_slice array_sort array_to_string ascii
    asinh atanh bit_length booland_agg boolor_agg cbrt charindex chr concat_ws contains convert_timezone
    cosh cot count_if date_part date_trunc dateadd datediff day dayname dayofmonth dayofweek dayofyear
    decode factorial filter flatten get get_path grouping_id hash hour iff ifnull initcap
    json_extract_path_text kurtosis last_day len listagg log map_keys max_by md5 median min_by minute mode
    month monthname months_between nullifzero nvl nvl2 object_construct octet_length parse_json
    percentile_cont percentile_disc pi position pow quarter reduce regexp_count regexp_like regexp_replace
    regexp_substr regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy
    regr_syy second sha1 sha2 sinh split split_part st_asgeojson st_astext st_aswkb st_aswkt stddev substr
    tanh to_binary to_char to_date to_json to_number to_timestamp to_varchar translate trunc truncate
    try_cast try_parse_json try_to_date try_to_number try_to_timestamp typeof unicode variance week
    weekofyear year zeroifnull
"""
_BIGQUERY = """
    acosh any_value approx_count_distinct array_agg array_concat array_filter array_length array_reverse
    array_slice array_to_string array_transform ascii asinh atanh bit_and bit_count bit_or bit_xor cbrt
    char_length character_length chr cosh cot countif date_add date_diff date_sub date_trunc ends_with
    farm_fingerprint format from_base64 from_hex ifnull initcap instr json_array json_extract
    json_extract_scalar json_keys json_object json_query json_remove json_set json_strip_nulls json_type
    json_value last_day log log10 max_by md5 min_by octet_length parse_json percentile_cont percentile_disc
    pow regexp_extract regexp_extract_all regexp_replace regexp_substr safe_cast safe_divide sha1 sha256
    sinh split st_asbinary st_asgeojson st_astext starts_with stddev string_agg strpos substr tanh
    timestamp_trunc to_base64 to_hex to_json to_json_string translate trunc unicode unnest variance
"""
_SPARK = """
    acosh add_months aggregate any_value approx_count_distinct array_agg array_append array_contains
    array_distinct array_position array_prepend array_sort ascii asinh atanh base64 bin bit_and bit_count
    bit_length bit_or bit_xor bool_and bool_or cardinality cbrt char_length character_length charindex chr
    concat_ws contains convert_timezone cosh cot count_if date_add date_diff date_part date_sub date_trunc
    dateadd datediff day dayofmonth dayofweek dayofyear decode element_at encode factorial filter first
    flatten from_json grouping_id hash hex hour ifnull initcap instr isnan isnull kurtosis last last_day
    lcase len levenshtein log log10 log2 make_date make_timestamp map_concat map_entries map_from_entries
    map_keys map_values max_by md5 mean median min_by minute mode month months_between nvl nvl2 octet_length
    overlay percentile_cont percentile_disc pi position pow printf quarter reduce regexp_count
    regexp_extract regexp_extract_all regexp_like regexp_replace regexp_substr regr_avgx regr_avgy
    regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy second sha1 sha2 sinh skewness
    split split_part stddev substr tanh to_binary to_char to_date to_json to_number to_timestamp to_varchar
    translate trunc try_cast typeof ucase unhex url_decode url_encode variance weekday weekofyear year
"""
# What may stand before a parenthesis and is no function.
_NO_FUNCTIONS = """
    all and anti any array as asof between bigint binary bit by case char character cross cube datetime
    decimal distinct double else end except exclude exists filter float for from full group having ilike in
    inner int integer intersect interval into is join lateral left like limit list map materialized natural
    not numeric nvarchar offset on or order outer over partition pivot positional qualify range recursive
    rename replace return returning right rollup row rows select semi set sets smallint some string struct
    table text then time timestamp timestamptz tinyint top union unpivot using values varchar when where window
    with within
"""
_FREE_ON_POSTGRES = """
    anti asof binary datetime double exclude list map nvarchar pivot positional qualify range rename return
    rows semi string struct text tinyint top unpivot
"""
_COMMON_NAMES = frozenset(_COMMON.split())
_KNOWN = {
    dialect: _COMMON_NAMES.union(names.split())
    for dialect, names in (
        ("duckdb", _DUCKDB),
        ("postgres", _POSTGRES),
        ("redshift", _REDSHIFT),
        ("snowflake", _SNOWFLAKE),
        ("bigquery", _BIGQUERY),
        ("spark", _SPARK),
        ("databricks", _SPARK),
    )
}
NO_FUNCTIONS = frozenset(_NO_FUNCTIONS.split())
# Words of the grammar elsewhere, and free there for a function of somebody's own.
_FREE = {
    "duckdb": frozenset({"datetime", "nvarchar", "return", "string", "text", "top"}),
    "postgres": frozenset(_FREE_ON_POSTGRES.split()),
    "redshift": frozenset(_FREE_ON_POSTGRES.split()),
}


def known(dialect: str) -> frozenset[str]:
    """Names of functions that are built in and steady."""
    return _KNOWN.get(dialect, _COMMON_NAMES)


def no_functions(dialect: str) -> frozenset[str]:
    """What may stand before a parenthesis and calls nothing."""
    return NO_FUNCTIONS - _FREE.get(dialect, frozenset())
