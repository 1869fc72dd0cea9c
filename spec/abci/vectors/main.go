// Writes vectors for the codec's spec: the bytes that CometBFT's own code makes of each request and
// response of ABCI 2.0, beside their fields in a neutral form.
//
//	go run ./vectors > vectors.json
//
// All fields of all messages are found by reflection, so a field that a later version adds is in
// the vectors by itself.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
)

// A vector is one message.
type vector struct {
	Message string `json:"message"`
	Kind    string `json:"kind"`
	Variant string `json:"variant"`
	Fields  any    `json:"fields"`
	// As it goes over the socket: a length and the message.
	Frame string `json:"frame"`
}

// A filler gives each field of a message a value. Each value of the variant "full" differs from all
// others. The variant "extreme" has the largest and smallest values, and "empty" has none.
type filler struct {
	variant string
	count   int64
}

func (f *filler) next() int64 {
	f.count++
	return f.count
}

var (
	timeType     = reflect.TypeOf(time.Time{})
	durationType = reflect.TypeOf(time.Duration(0))
)

func (f *filler) fill(v reflect.Value) {
	switch v.Type() {
	case timeType:
		v.Set(reflect.ValueOf(f.time()))
		return
	case durationType:
		v.SetInt(int64(time.Duration(f.next())*time.Second + 987654321))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			if isField(v.Type().Field(i)) {
				f.fill(v.Field(i))
			}
		}
	case reflect.Ptr:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		f.fillSlice(v)
	case reflect.Interface:
		// The one oneof inside of messages is that of public keys; the first member is ed25519.
		wrapper := reflect.New(oneofWrappers(v)[0].Elem())
		f.fill(wrapper.Elem())
		v.Set(wrapper)
	case reflect.String:
		v.SetString(f.text())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64, reflect.Int32:
		v.SetInt(f.integer(v))
	case reflect.Uint64, reflect.Uint32:
		v.SetUint(f.unsigned(v))
	default:
		panic("no value for " + v.Type().String())
	}
}

func (f *filler) fillSlice(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(f.bytes())
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 2, 2))
	for i := 0; i < v.Len(); i++ {
		f.fill(v.Index(i))
	}
}

func (f *filler) time() time.Time {
	if f.variant == "extreme" {
		return time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
	}
	return time.Unix(1700000000+f.next(), 123456789).UTC()
}

func (f *filler) text() string {
	if f.variant == "extreme" {
		return "\x00 \u007f \u00e9 \u20ac \U0001f600 " + strings.Repeat("x", 300)
	}
	return fmt.Sprintf("text %d", f.next())
}

func (f *filler) bytes() []byte {
	if f.variant == "extreme" {
		return []byte(strings.Repeat("\x00\xff\x80", 100))
	}
	return []byte(fmt.Sprintf("bytes %d", f.next()))
}

func (f *filler) integer(v reflect.Value) int64 {
	if isEnum(v.Type()) {
		return 1
	}
	if f.variant != "extreme" {
		return f.next()
	}
	if v.Kind() == reflect.Int32 {
		return math.MinInt32 * (f.next() % 2) // 0 or the smallest
	}
	return []int64{math.MaxInt64, math.MinInt64, 1<<53 + 1}[f.next()%3]
}

func (f *filler) unsigned(v reflect.Value) uint64 {
	if f.variant != "extreme" {
		return uint64(f.next())
	}
	if v.Kind() == reflect.Uint32 {
		return math.MaxUint32
	}
	return math.MaxUint64
}

func isEnum(t reflect.Type) bool {
	_, ok := reflect.Zero(t).Interface().(fmt.Stringer)
	return ok
}

func isField(field reflect.StructField) bool {
	return field.Tag.Get("protobuf") != "" || field.Tag.Get("protobuf_oneof") != ""
}

// nameOf is the name of a field in camel case, as generated code of other languages spells it.
func nameOf(field reflect.StructField) string {
	for _, part := range strings.Split(field.Tag.Get("protobuf"), ",") {
		name, isName := strings.CutPrefix(part, "name=")
		if !isName {
			continue
		}
		words := strings.Split(name, "_")
		for i, word := range words[1:] {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
		return strings.Join(words, "")
	}
	panic("no name of " + field.Name)
}

// oneofWrappers are the types of a oneof's members, as pointers.
func oneofWrappers(v reflect.Value) []reflect.Type {
	var found []reflect.Type
	for _, message := range []interface{ XXX_OneofWrappers() []interface{} }{
		&types.Request{}, &types.Response{}, publicKey(),
	} {
		for _, wrapper := range message.XXX_OneofWrappers() {
			if t := reflect.TypeOf(wrapper); t.Implements(v.Type()) {
				found = append(found, t)
			}
		}
	}
	return found
}

func publicKey() interface{ XXX_OneofWrappers() []interface{} } {
	var update types.ValidatorUpdate
	return &update.PubKey
}

// describe gives the fields of a message: 64-bit integers as decimal text, bytes as hexadecimal
// digits, times and durations as seconds and nanoseconds, enums as numbers. Pointers and members of
// oneofs that are not set are left out.
func describe(v reflect.Value) any {
	switch v.Type() {
	case timeType:
		t := v.Interface().(time.Time)
		return span(t.Unix(), int64(t.Nanosecond()))
	case durationType:
		d := v.Interface().(time.Duration)
		return span(int64(d/time.Second), int64(d%time.Second))
	}
	switch v.Kind() {
	case reflect.Struct:
		return describeFields(v)
	case reflect.Ptr:
		return describe(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return hex.EncodeToString(v.Bytes())
		}
		list := []any{}
		for i := 0; i < v.Len(); i++ {
			list = append(list, describe(v.Index(i)))
		}
		return list
	case reflect.Int64:
		return fmt.Sprint(v.Int())
	case reflect.Uint64:
		return fmt.Sprint(v.Uint())
	case reflect.Int32:
		return v.Int()
	case reflect.Uint32:
		return v.Uint()
	default:
		return v.Interface()
	}
}

func span(seconds int64, nanos int64) any {
	return map[string]any{"seconds": fmt.Sprint(seconds), "nanos": nanos}
}

func describeFields(v reflect.Value) map[string]any {
	fields := map[string]any{}
	for i := 0; i < v.NumField(); i++ {
		field, value := v.Type().Field(i), v.Field(i)
		switch {
		case !isField(field):
		case value.Kind() == reflect.Ptr && value.IsNil():
		case field.Tag.Get("protobuf_oneof") != "":
			if !value.IsNil() {
				member := value.Elem().Elem()
				fields[nameOf(member.Type().Field(0))] = describe(member.Field(0))
			}
		default:
			fields[nameOf(field)] = describe(value)
		}
	}
	return fields
}

// variantsOf makes the vectors of one member of Request or Response.
func variantsOf(message string, wrapper reflect.Type, wrap func(reflect.Value) proto.Message) []vector {
	var vectors []vector
	kind := nameOf(wrapper.Elem().Field(0))
	for _, variant := range []string{"empty", "full", "extreme"} {
		member := reflect.New(wrapper.Elem())
		inner := reflect.New(wrapper.Elem().Field(0).Type.Elem())
		member.Elem().Field(0).Set(inner)
		if variant != "empty" {
			f := &filler{variant: variant}
			f.fill(inner.Elem())
		}
		var frame bytes.Buffer
		if err := types.WriteMessage(wrap(member), &frame); err != nil {
			panic(err)
		}
		vectors = append(vectors, vector{
			Message: message,
			Kind:    kind,
			Variant: variant,
			Fields:  describe(inner.Elem()),
			Frame:   hex.EncodeToString(frame.Bytes()),
		})
	}
	return vectors
}

func allVectors() []vector {
	var vectors []vector
	for _, wrapper := range (&types.Request{}).XXX_OneofWrappers() {
		vectors = append(vectors, variantsOf("request", reflect.TypeOf(wrapper),
			func(member reflect.Value) proto.Message {
				request := &types.Request{}
				reflect.ValueOf(request).Elem().FieldByName("Value").Set(member)
				return request
			})...)
	}
	for _, wrapper := range (&types.Response{}).XXX_OneofWrappers() {
		vectors = append(vectors, variantsOf("response", reflect.TypeOf(wrapper),
			func(member reflect.Value) proto.Message {
				response := &types.Response{}
				reflect.ValueOf(response).Elem().FieldByName("Value").Set(member)
				return response
			})...)
	}
	return vectors
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(allVectors()); err != nil {
		panic(err)
	}
}
