package dev.marquee.serving;

import static dev.marquee.serving.ServedRun.read;
import static dev.marquee.serving.ServedRun.readAll;
import static dev.marquee.serving.ServedRun.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that are wrong. */
@Timeout(60)
@ExtendWith(ServedRun.Extension.class)
class ServerErrorsTest {
    private static ServedRun served;

    @BeforeAll
    static void start(ServedRun given) {
        served = given;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v1/models/mine:rank | {            | 400 | the body is not JSON",
                "/v1/models/mine:rank | []           | 400 | not a JSON object",
                "/v1/models/mine:rank | ``           | 400 | not a JSON object",
                "/v1/models/mine:rank | {} {}        | 400 | is missing",
                "/v1/models/mine:rank | {\"candidates\":[{}]} x | 400 | not JSON: Unrecognized token 'x'",
                "/v1/models/mine:rank | {}           | 400 | \"candidates\" is missing",
                "/v1/models/mine:rank | {\"candidates\":[]} | 400 | there are no candidates",
                "/v1/models/mine:rank | {\"candidates\":[{}]} | 400 | missing columns: price, age, user",
                "/v1/models/mine:rank | {\"candidates\":[1]} | 400 | must be a list of objects",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":{}}]} | 400 | \"ad\" holds an object where",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":[[1]]}]} | 400 | a list within a list",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":NaN}]} | 400 | not JSON: ",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":1e999}]} | 400 | a number is too large",
                "/v1/models/mine:rank | {\"candidates\":[{\"ad\":1,\"ad\":2}]} | 400 | \"ad\" is given twice",
                "/v1/models/mine:rank | {\"user\":{},\"user\":{}} | 400 | \"user\" is given twice",
                "/v1/models/mine:rank | {\"rows\":1} | 400 | unknown field \"rows\"",
                "/v1/models/mine:rank | {\"user\":{\"ad\":[1,2,3,4,5,6,7,8,9,10,11]}} | 400 | more than the 10"
                        + " elements",
                "/v1/models/mine:rank | {\"candidates\":{\"a\":[1],\"b\":[1,2]}} | 400 | differ in length",
                "/v1/models/other:rank | {}          | 404 | no model of this name: there is mine",
                "/v2/models/other/infer | {}         | 404 | no model of this name",
                "/v2/models/mine/versions/1/infer | {} | 404 | no such version of mine",
                "/v2/models/mine/infer | {\"inputs\":[]} | 400 | there are no inputs",
                "/v2/models/mine/infer | {\"inputs\":[{\"name\":\"x\"}]} | 400 | needs \"shape\", \"datatype\" and"
                        + " \"data\"",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1]}]} | 400 | has 1"
                        + " values, its shape [2] asks for 2",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[1.5]}]} | 400 |"
                        + " values that are not INT64",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[1]}]} | 400 |"
                        + " values that are not BYTES",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT5\",\"data\":[1]}]} | 400 |"
                        + " unknown datatype \"INT5\"",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT8\",\"data\":[true]}]} | 400 |"
                        + " values that are not INT8",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[-1],\"datatype\":\"INT8\",\"data\":[]}]} | 400 | must"
                        + " be a list of one or two whole numbers",
                "/v2/models/mine/infer |"
                        + " {\"inputs\":[{\"name\":\"x\",\"shape\":[99],\"datatype\":\"INT8\",\"data\":[]}]} | 400 | more"
                        + " rows than the 50",
                "/v2/models/mine/infer | {\"inputs\":[{\"name\":\"x\",\"parameters\":{\"binary_data_size\":3}}]} | 400"
                        + " | binary tensor data",
                "/v2/models/mine/infer | {\"outputs\":[{\"name\":\"y\"}]} | 400 | unknown output \"y\"",
                "/v2/health/ready | {} | 405 | answers GET",
                "/nothing | {} | 404 | there is nothing here",
            })
    void post_wrongRequests_answersTheProtocolsErrorAndNothingOfTheInside(
            String path, String body, int status, String message) {
        HttpResponse<String> answer = served.post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(read(answer).path("error").asText()).contains(message);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body())
                .doesNotContain(
                        "dev.marquee", "Exception", "jackson", served.folder().toString());
    }

    @Test
    void connect_whatIsNotHttp_isRefusedInTheSameForm() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.port())) {
            write(socket, "NONSENSE\r\n\r\n");
            assertThat(readAll(socket))
                    .startsWith("HTTP/1.1 400")
                    .contains("{\"error\":\"")
                    .doesNotContain("<html");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), served.port())) {
            write(socket, "GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(readAll(socket)).startsWith("HTTP/1.1 414").contains("{\"error\":\"");
        }
    }
}
