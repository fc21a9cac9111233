package dev.marquee.simulate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The columns of the log, in order. */
final class Columns {
    static final Map<String, Cells.Kind> ALL = Collections.unmodifiableMap(all());

    private Columns() {}

    private static Map<String, Cells.Kind> all() {
        Map<String, Cells.Kind> all = new LinkedHashMap<>();
        all.put("impression_id", Cells.longs(row -> row.row() + 1));
        all.put("time", Cells.longs(row -> Clock.START + row.pages.second));
        all.put("user_id", Cells.longs(Impression::userId));
        all.put("age", Cells.names(Effects.AGES, row -> row.pages.user.age));
        all.put("country", Cells.names(Effects.COUNTRIES, row -> row.pages.user.country));
        all.put("device", Cells.names(Effects.DEVICES, row -> row.pages.device));
        all.put("ad_id", Cells.longs(row -> row.adId(row.ad())));
        all.put("advertiser", Cells.longs(row -> row.pages.ads.advertiser[row.ad()] + 1L));
        all.put("topic", Cells.longs(row -> row.pages.ads.topic[row.ad()] + 1L));
        all.put("creative", Cells.longs(row -> row.pages.ads.creative[row.ad()] + 1L));
        all.put("publisher", Cells.longs(row -> row.pages.publisher + 1L));
        all.put("position", Cells.longs(row -> row.slot + 1L));
        all.put("hour", Cells.longs(row -> row.pages.hour));
        all.put("weekday", Cells.longs(row -> row.pages.weekday + 1L));
        all.put("price", Cells.doubles(row -> row.pages.ads.price[row.ad()]));
        all.put("campaign_age", Cells.doubles(row -> row.pages.campaignAge[row.slot]));
        all.put("user_impressions", Cells.longs(row -> row.pages.user.impressions));
        all.put("user_clicks", Cells.longs(row -> row.pages.user.clicks));
        all.put("user_click_rate", Cells.doubles(row -> row.pages.user.clickRate()));
        all.put("ad_click_rate", Cells.doubles(row -> row.pages.clickRate(row.ad())));
        all.put("ad_views", Cells.longs(row -> row.pages.adViews[row.slot]));
        all.put("advertiser_views", Cells.longs(row -> row.pages.advertiserViews[row.slot]));
        all.put("history_ads", Cells.history(Impression::adId));
        all.put("history_topics", Cells.history((row, ad) -> row.pages.ads.topic[ad] + 1L));
        all.put("history_advertisers", Cells.history((row, ad) -> row.pages.ads.advertiser[ad] + 1L));
        all.put("click", Cells.longs(row -> row.clicked() ? 1 : 0));
        all.put("conversion", Cells.longs(row -> row.converted() ? 1 : 0));
        all.put("conversion_delay", Cells.doubles(Impression::converted, Impression::delay));
        all.put("true_click_probability", Cells.doubles(Impression::clickProbability));
        all.put("true_conversion_probability", Cells.doubles(Impression::conversionProbability));
        return all;
    }
}
