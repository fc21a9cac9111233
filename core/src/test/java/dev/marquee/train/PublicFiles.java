package dev.marquee.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Writes tiny made-up files in the forms in which public sets of rows are given out. */
final class PublicFiles {
    private static final String FIRST = "";
    private final Path folder;
    private final Random random = new Random(20);

    PublicFiles(Path folder) {
        this.folder = folder;
    }

    /** Criteo: no header, 40 fields between tabs, hexadecimal categories, empty where there is no value. */
    Path criteo(int rows) throws IOException {
        return write("train.txt", FIRST, rows, i -> {
            List<String> fields = new ArrayList<>();
            fields.add(i % 4 == 0 ? "1" : "0");
            for (int k = 1; k <= 13; k++) {
                fields.add(random.nextInt(5) == 0 ? "" : Integer.toString(random.nextInt(1 << k) - (k == 2 ? 2 : 0)));
            }
            for (int k = 1; k <= 26; k++) {
                fields.add(random.nextInt(9) == 0 ? "" : hex(k, random.nextInt(3 * k)));
            }
            return String.join("\t", fields);
        });
    }

    /** Avazu: with header; ids of up to twenty digits; the hour as YYMMDDHH. */
    Path avazu(int rows) throws IOException {
        String header = "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,app_domain,app_category,"
                + "device_id,device_ip,device_model,device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21\n";
        return write("train.csv", header, rows, i -> {
            List<String> fields = new ArrayList<>();
            fields.add((i % 2 == 0 ? "1000000941815109" : "10000169349117863") + (1000 + i));
            fields.add(i % 6 == 0 ? "1" : "0");
            fields.add("1410" + (21 + i * 10 / rows) + String.format("%02d", i * 240 / rows % 24));
            fields.add("1005");
            fields.add(Integer.toString(random.nextInt(2)));
            for (int k = 0; k < 9; k++) {
                fields.add(hex(k, random.nextInt(4 + k)));
            }
            fields.add("1");
            fields.add(Integer.toString(random.nextInt(3)));
            for (int value : new int[] {15706, 320, 50, 1722, 0, 35, -1, 79}) {
                fields.add(Integer.toString(value + (value > 1000 ? random.nextInt(9) : 0)));
            }
            return String.join(",", fields);
        });
    }

    /** MovieLens: ratings by user and film, and films whose titles may be quoted. Many ratings share their second. */
    Path movieLens(int users, int ratings) throws IOException {
        write(
                "movies.csv",
                "movieId,title,genres\n",
                60,
                i -> (i + 1)
                        + (i % 7 == 0 ? ",\"American President, The (1995)\"," : ",Toy Story " + i + " (1995),")
                        + (i % 11 == 0 ? "(no genres listed)" : i % 2 == 0 ? "Adventure|Children" : "Drama"));
        return write("ratings.csv", "userId,movieId,rating,timestamp\n", users * ratings, i -> {
            int user = i / ratings + 1;
            int film = (i % ratings * 7 + user) % 60 + 1;
            return user + "," + film + "," + (1 + random.nextInt(9)) / 2.0 + ","
                    + (1_147_880_000L + random.nextInt(ratings));
        });
    }

    /** Ads of Taobao: impressions, ads whose brand may be NULL, and users with empty fields. */
    Path taobao(int rows) throws IOException {
        write(
                "ad_feature.csv",
                "adgroup_id,cate_id,campaign_id,customer,brand,price\n",
                40,
                i -> (600 + i) + "," + (6400 + i % 9) + "," + (83_000 + i) + "," + (1 + i % 8) + ","
                        + (i % 3 == 0 ? "NULL" : Integer.toString(95_471 + i % 5)) + "," + (i % 2 == 0 ? 170.0 : 0.89));
        write(
                "user_profile.csv",
                "userid,cms_segid,cms_group_id,final_gender_code,age_level,pvalue_level,shopping_level,occupation,"
                        + "new_user_class_level \n",
                25, // of thirty: not every user has a profile
                i -> i + ",0," + i % 13 + "," + (1 + i % 2) + "," + i % 6 + "," + (i % 2 == 0 ? "" : "2") + ",3,0,"
                        + (i % 3 == 0 ? "" : Integer.toString(1 + i % 4)));
        return write("raw_sample.csv", "user,time_stamp,adgroup_id,pid,nonclk,clk\n", rows, i -> {
            int click = i % 5 == 0 ? 1 : 0;
            return random.nextInt(30) + "," + (1_494_000_000L + random.nextInt(8 * 86_400 / 600) * 600L) + ","
                    + (600 + random.nextInt(40)) + ",430548_100" + (random.nextBoolean() ? "7" : "6") + ","
                    + (1 - click) + "," + click;
        });
    }

    /** Census-Income of UCI: no header, a comma and a blank between 42 fields, a question mark for what is unknown. */
    Path census(String name, int rows) throws IOException {
        return write(name, FIRST, rows, i -> {
            List<String> fields = new ArrayList<>();
            for (int k = 0; k < 41; k++) {
                fields.add(
                        switch (k) {
                            case 0 -> Integer.toString(random.nextInt(91));
                            case 5, 16, 17, 18 ->
                                random.nextInt(20) == 0 ? Integer.toString(100 * random.nextInt(99)) : "0";
                            case 7 -> i % 3 == 0 ? "Never married" : "Married-civilian spouse present";
                            case 24 -> "1700.09";
                            case 25, 26, 27, 29 -> random.nextBoolean() ? "?" : "Nonmover";
                            case 30 -> Integer.toString(random.nextInt(7));
                            case 39 -> Integer.toString(random.nextInt(53));
                            case 40 -> i % 2 == 0 ? "94" : "95";
                            default -> k + " Not in universe" + random.nextInt(3);
                        });
            }
            fields.add(i % 8 == 0 ? "50000+." : "- 50000.");
            return String.join(", ", fields);
        });
    }

    /** The sample of SparrowRecSys: with header; numbers that are not known are written as two quotation marks. */
    Path sparrow(int rows) throws IOException {
        String header = "movieId,userId,rating,timestamp,label,releaseYear,movieGenre1,movieGenre2,movieGenre3,"
                + "movieRatingCount,movieAvgRating,movieRatingStddev,userRatedMovie1,userRatedMovie2,userRatedMovie3,"
                + "userRatedMovie4,userRatedMovie5,userRatingCount,userAvgReleaseYear,userReleaseYearStddev,"
                + "userAvgRating,userRatingStddev,userGenre1,userGenre2,userGenre3,userGenre4,userGenre5\n";
        return write("testSamples.csv", header, rows, i -> {
            double rating = (1 + random.nextInt(10)) / 2.0;
            String last = IntStream.range(0, 5)
                    .mapToObj(k -> k > i % 7 ? "\"\"" : Integer.toString(1 + random.nextInt(30)))
                    .reduce((a, b) -> a + "," + b)
                    .orElseThrow();
            return (1 + random.nextInt(30)) + "," + (14_887 + i / 4) + "," + rating + "," + (830_155_608L + 1000L * i)
                    + "," + (rating >= 3.5 ? 1 : 0) + ",1995,Adventure,Animation," + (i % 2 == 0 ? "\"\"" : "Children")
                    + "," + (100 + random.nextInt(9999)) + "," + (3 + random.nextInt(99) / 100.0) + ",0.89," + last
                    + ",6,1992," + (i % 2 == 0 ? "0.0" : "2.64") + ",3.67,0.52,Drama,Action,Thriller,\"\",\"\"";
        });
    }

    private Path write(String name, String header, int rows, IntFunction<String> row) throws IOException {
        StringBuilder text = new StringBuilder(header);
        for (int i = 0; i < rows; i++) {
            text.append(row.apply(i)).append('\n');
        }
        return Files.writeString(folder.resolve(name), text);
    }

    private static String hex(int field, int value) {
        return String.format("%08x", (field * 31 + value) * 0x9E3779B9);
    }
}
