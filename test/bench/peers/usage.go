// The standard library's reverse proxy. It counts `$.data[*]` of whole bodies and writes a line to a journal before a
// body leaves. Usage: usage ORIGIN_URL PORT JOURNAL
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"
	"time"
)

const windowMinutes = 1440

type window struct {
	buckets [windowMinutes]int
	last    int64
	total   int
}

var (
	lock    sync.Mutex
	windows = map[string]*window{}
	journal *os.File
)

func windowOf(key string, minute int64) *window {
	w := windows[key]
	if w == nil {
		w = &window{last: minute}
		windows[key] = w
	}
	for ; w.last < minute; w.last++ {
		slot := (w.last + 1) % windowMinutes
		w.total -= w.buckets[slot]
		w.buckets[slot] = 0
	}
	return w
}

func record(key string, posts int) error {
	lock.Lock()
	defer lock.Unlock()
	minute := time.Now().Unix() / 60
	w := windowOf(key, minute)
	w.buckets[minute%windowMinutes] += posts
	w.total += posts
	_, err := fmt.Fprintf(journal, "%d %d %s\n", minute, posts, key)
	return err
}

func count(response *http.Response) error {
	if response.StatusCode != 200 {
		return nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal(body, &page); err != nil {
		log.Print("uncounted ", response.Request.URL)
	} else if err := record(response.Request.Header.Get("Authorization"), len(page.Data)); err != nil {
		return err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

func main() {
	origin, err := url.Parse(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if journal, err = os.OpenFile(os.Args[3], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(origin)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	proxy.ModifyResponse = count
	http.HandleFunc("/_usage", func(answer http.ResponseWriter, request *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		fmt.Fprintln(answer, windowOf(request.Header.Get("Authorization"), time.Now().Unix()/60).total)
	})
	http.Handle("/", proxy)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[2], nil))
}
